/**
 * `node scripts/prepare.ts --switch FOLDER`: what roles that are started one by one (containers, systemd) need beforehand: the newest
 * schema, the trunk in the database, and in FOLDER the configuration of an Asterisk installed in the usual places.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadSettings, SettingsError } from '../server/config.ts';
import { createDatabase, createPool } from '../server/kernel/database.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { numberFormatOf } from '../server/machine/plan.ts';
import { TRUNK_NAME } from '../server/machine/services.ts';
import { recordTrunk } from '../server/machine/trunk.ts';
import { writeAsteriskConfiguration } from '../server/telephony/asterisk/configuration.ts';
import { trunkSettings } from '../server/telephony/trunk.ts';
import { misuse, readOptions } from './report.ts';

const COMMAND = 'prepare';
/** Asterisk's usual ports: in a container of its own nothing else takes them. */
const PORTS = { http: 8088, ami: 5038, carrier: 5170 };

const { values } = readOptions(COMMAND, process.argv.slice(2), { switch: { type: 'string' } });
const folder = values.switch ?? misuse(COMMAND, 'say where the switch’s configuration goes: --switch FOLDER');

try {
  const settings = loadSettings();
  const {
    DATABASE_URL: url,
    TRUNK_URI: uri,
    ARI_USER: user,
    ARI_PASSWORD: password,
    AMI_USER: amiUser,
    AMI_SECRET: secret,
  } = settings;
  if (!url || !uri || !user || !password || !amiUser || !secret) {
    misuse(COMMAND, 'set DATABASE_URL, TRUNK_URI, ARI_URL, ARI_USER, ARI_PASSWORD, AMI_URL, AMI_USER and AMI_SECRET');
  }
  const database = createDatabase(createPool(url, { max: 2, applicationName: 'wusul prepare' }));
  await migrateToLatest(database);
  await recordTrunk(database, settings, uri);
  await database.destroy();
  await mkdir(join(settings.DATA_DIR, 'messages'), { recursive: true, mode: 0o755 });
  const [rtpFrom = 0, rtpTo = 0] = settings.RTP_PORTS.split('-').map(Number);
  await writeAsteriskConfiguration({
    folder,
    modules: `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/asterisk/modules`,
    share: '/usr/share/asterisk',
    sbin: '/usr/sbin',
    dialplans: join(import.meta.dirname, '../dialplans'),
    bind: '0.0.0.0',
    ports: { ...PORTS, sip: settings.SIP_PORT, rtpFrom, rtpTo },
    ari: { user, password },
    ami: { user: amiUser, secret },
    mediaAddress: settings.MEDIA_ADDRESS,
    trunks: [
      trunkSettings.parse({
        name: TRUNK_NAME,
        kind: settings.TRUNK_KIND,
        uri,
        user: settings.TRUNK_USER,
        password: settings.TRUNK_PASSWORD,
        register: settings.TRUNK_REGISTER === 'on',
        number: numberFormatOf(settings),
      }),
    ],
    carrier: false,
    language: settings.SOUND_LANGUAGE,
  });
} catch (error) {
  if (error instanceof SettingsError) misuse(COMMAND, error.message);
  throw error;
}
