import { join } from 'node:path';
import type { Settings } from '../config.ts';
import { numberFormat, type NumberFormat } from '../telephony/trunk.ts';
import type { Secrets } from './secrets.ts';
import type { ServicesPlan, SwitchFacts } from './services.ts';

const PREFERRED = { postgres: 15_432, redis: 16_379, http: 18_088, ami: 15_038, carrier: 5_170 } as const;

/** What `npm start` runs, by the settings: our own servers on the preferred ports, wherever no other address is set. */
export function planOf(settings: Settings, secrets: Secrets): ServicesPlan {
  const [rtpFrom = 0, rtpTo = 0] = settings.RTP_PORTS.split('-').map(Number);
  return {
    treeFolder: join(settings.RUNTIME_DIR, 'tree'),
    dataFolder: settings.DATA_DIR,
    logFolder: join(settings.RUNTIME_DIR, 'logs'),
    secrets,
    durable: true,
    diesWithUs: false,
    databaseUrl: settings.DATABASE_URL ?? null,
    redisUrl: settings.REDIS_URL ?? null,
    switch: operatorsSwitch(settings),
    trunk: {
      kind: settings.TRUNK_KIND ?? 'demo',
      uri: settings.TRUNK_URI ?? null,
      user: settings.TRUNK_USER,
      password: settings.TRUNK_PASSWORD,
      register: settings.TRUNK_REGISTER === 'on',
      number: numberFormatOf(settings),
    },
    mediaAddress: settings.MEDIA_ADDRESS,
    language: settings.SOUND_LANGUAGE,
    preferredPorts: {
      postgres: PREFERRED.postgres,
      redis: PREFERRED.redis,
      asterisk: { sip: settings.SIP_PORT, http: PREFERRED.http, ami: PREFERRED.ami, carrier: PREFERRED.carrier, rtpFrom },
    },
    rtpPorts: rtpTo - rtpFrom + 1,
  };
}

/** How numbers are written on the trunk of the settings. */
export function numberFormatOf(settings: Settings): NumberFormat {
  return numberFormat.parse({
    form: settings.TRUNK_NUMBER_FORM,
    countryCode: settings.TRUNK_COUNTRY_CODE,
    prefix: settings.TRUNK_PREFIX,
  });
}

function operatorsSwitch(settings: Settings): SwitchFacts | null {
  const { ARI_URL: url, ARI_USER: user, ARI_PASSWORD: password } = settings;
  if (url === undefined || user === undefined || password === undefined) return null;
  const address = new URL(url);
  const { AMI_URL: amiUrl, AMI_USER: amiUser, AMI_SECRET: secret } = settings;
  return {
    ari: { url, user, password },
    ami: amiUrl !== undefined && amiUser !== undefined && secret !== undefined ? { url: amiUrl, user: amiUser, secret } : null,
    sipWsUrl: settings.SIP_WS_URL ?? `${address.protocol === 'https:' ? 'wss' : 'ws'}://${address.host}/ws`,
    sipHost: address.hostname,
    sipPort: settings.SIP_PORT,
    recordFile: settings.CEL_FILE ?? null,
    trunkUri: settings.TRUNK_URI ?? '',
  };
}
