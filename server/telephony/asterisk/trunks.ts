/** Trunks and the demo carrier as sections of pjsip.conf. */
import { type TrunkSettings, trunkEndpoint } from '../trunk.ts';

type Section = Record<string, string>;

/** The endpoint whose calls are those of the demo's debtors: their telephones, not ours. */
export const DEMO_CARRIER = 'demo-carrier';

/** One trunk's address of record, endpoint, authentication, registration, and the address its calls come from. */
export function trunkSections(trunk: TrunkSettings, mediaAddress: string | null): string {
  const name = trunkEndpoint(trunk.name);
  const authenticated = trunk.user !== undefined;
  const { host, hostAndPort } = farEnd(trunk.uri);
  const parts = [
    section(name, { type: 'aor', contact: trunk.uri, qualify_frequency: String(trunk.qualifySeconds) }),
    section(name, {
      type: 'endpoint',
      ...(trunk.uri.includes('transport=') || trunk.uri.startsWith('sips:') ? {} : { transport: 'sip' }),
      context: 'inbound',
      disallow: 'all',
      allow: trunk.codecs.join(','),
      aors: name,
      direct_media: 'no',
      // Every change of a bridge would otherwise send a re-INVITE down both legs.
      send_connected_line: 'no',
      send_pai: yesNo(trunk.identity === 'pai'),
      send_rpid: yesNo(trunk.identity === 'rpid'),
      trust_id_outbound: yesNo(trunk.identity !== 'none'),
      timers: 'no',
      rtp_symmetric: 'yes',
      dtmf_mode: trunk.dtmf,
      ...(trunk.fromUser === undefined ? {} : { from_user: trunk.fromUser }),
      ...(trunk.fromDomain === undefined ? {} : { from_domain: trunk.fromDomain }),
      ...(authenticated ? { outbound_auth: name } : {}),
      ...media(mediaAddress),
    }),
    section(name, { type: 'identify', endpoint: name, match: trunk.kind === 'demo' ? hostAndPort : host }),
  ];
  if (authenticated) {
    parts.push(section(name, { type: 'auth', auth_type: 'digest', username: trunk.user ?? '', password: trunk.password ?? '' }));
  }
  if (trunk.register) {
    parts.push(
      section(`${name}-registration`, {
        type: 'registration',
        server_uri: trunk.uri,
        client_uri: `sip:${trunk.user ?? ''}@${host}`,
        contact_user: trunk.user ?? '',
        outbound_auth: name,
        retry_interval: '30',
        forbidden_retry_interval: '300',
        max_retries: '1000000',
        // At once: there is no herd of trunks to spread out.
        max_random_initial_delay: '0',
      }),
    );
  }
  return parts.join('\n');
}

/** The demo carrier's own transport and endpoint; what comes from our trunk's port is for it, and its people call us there. */
export function carrierSections(bind: string, sipPort: number, carrierPort: number): string {
  return [
    section('carrier', { type: 'transport', protocol: 'udp', bind: `${bind}:${carrierPort}` }),
    section(DEMO_CARRIER, { type: 'aor', contact: `sip:${bind}:${sipPort}` }),
    section(DEMO_CARRIER, {
      type: 'endpoint',
      aors: DEMO_CARRIER,
      transport: 'carrier',
      context: DEMO_CARRIER,
      disallow: 'all',
      allow: 'alaw,ulaw',
      direct_media: 'no',
      send_connected_line: 'no',
      timers: 'no',
      dtmf_mode: 'rfc4733',
      ...media(bind),
    }),
    section(DEMO_CARRIER, { type: 'identify', endpoint: DEMO_CARRIER, match: `${bind}:${sipPort}` }),
  ].join('\n');
}

/** The port desk phones register from: what comes from the carrier's own port is the trunk's. */
export function deskTransport(bind: string, port: number): string {
  return section('desks', { type: 'transport', protocol: 'udp', bind: `${bind}:${port}` });
}

/** A desk phone of the demo carrier, registered with us as a station: `desk…` answers every call with a steady tone. */
export function deskPhoneSections(user: string, secret: string, bind: string, sipPort: number): string {
  return [
    section(`phone-${user}`, { type: 'auth', auth_type: 'digest', username: user, password: secret }),
    section(`phone-${user}`, {
      type: 'registration',
      transport: 'desks',
      server_uri: `sip:${bind}:${sipPort}`,
      client_uri: `sip:${user}@${bind}:${sipPort}`,
      contact_user: user,
      outbound_auth: `phone-${user}`,
      retry_interval: '1',
      // The station may not be provisioned yet.
      fatal_retry_interval: '1',
      forbidden_retry_interval: '1',
      auth_rejection_permanent: 'no',
      max_retries: '1000000',
      expiration: '60',
    }),
  ].join('\n');
}

function media(address: string | null): Section {
  return address === null ? {} : { media_address: address, bind_rtp_to_media_address: 'yes' };
}

function farEnd(uri: string): { host: string; hostAndPort: string } {
  const hostAndPort = uri.replace(/^sips?:/, '').replace(/;.*$/, '');
  return { hostAndPort, host: hostAndPort.replace(/:\d+$/, '') };
}

function section(name: string, settings: Section): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${escapeValue(value)}`);
  return `[${name}]\n${lines.join('\n')}\n`;
}

/** A semicolon would begin a comment. */
function escapeValue(value: string): string {
  return value.replaceAll(';', String.raw`\;`);
}

function yesNo(value: boolean): 'yes' | 'no' {
  return value ? 'yes' : 'no';
}
