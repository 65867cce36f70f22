/** A station's SIP account as Asterisk's dynamic objects, in the order in which they must be written (no I/O). */
import type { StationAccount } from '../port.ts';

export interface DynamicObject {
  objectType: 'auth' | 'aor' | 'endpoint';
  fields: { attribute: string; value: string }[];
}

const LOOPBACK = '127.0.0.1';

/**
 * Authentication, address of record and endpoint of a station. One contact per station: a reload registers anew and takes
 * the place of what was. A leg whose audio stops for `rtp_timeout` is cut, so that a closed browser does not hold a call.
 */
export function stationObjects(account: StationAccount, mediaAddress: string): DynamicObject[] {
  const id = account.stationId;
  return [
    { objectType: 'auth', fields: fields({ auth_type: 'digest', username: id, password: account.secret }) },
    {
      objectType: 'aor',
      fields: fields({ max_contacts: '1', remove_existing: 'yes', minimum_expiration: '10', maximum_expiration: '600' }),
    },
    {
      objectType: 'endpoint',
      fields: fields({
        context: 'station',
        aors: id,
        auth: id,
        disallow: 'all',
        direct_media: 'no',
        send_connected_line: 'no',
        allow_transfer: 'no',
        allow_subscribe: 'no',
        timers: 'no',
        dtmf_mode: 'rfc4733',
        rtp_timeout: '10',
        ...(account.kind === 'browser' ? browser() : telephone()),
        // Media on loopback listens on loopback alone; any other address may be one this machine does not have (NAT).
        ...(mediaAddress === LOOPBACK ? { media_address: LOOPBACK, bind_rtp_to_media_address: 'yes' } : {}),
      }),
    },
  ];
}

function browser(): Record<string, string> {
  // alaw and ulaw first: a leg in the trunk's own codec needs no transcoding.
  return { webrtc: 'yes', dtls_auto_generate_cert: 'yes', allow: 'alaw,ulaw,opus' };
}

function telephone(): Record<string, string> {
  return {
    transport: 'sip',
    allow: 'alaw,ulaw',
    rtp_symmetric: 'yes',
    force_rport: 'yes',
    rewrite_contact: 'yes',
  };
}

function fields(settings: Record<string, string>): DynamicObject['fields'] {
  return Object.entries(settings).map(([attribute, value]) => ({ attribute, value }));
}
