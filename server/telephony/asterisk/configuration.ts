/** The one generator of Asterisk's configuration: embedded, compose and systemd differ only in the options given. */
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';

import { INBOUND_FIGURES } from '../inbound.ts';
import { AMD_FIGURES } from '../screening.ts';
import { KEY_WAIT_SECONDS, MESSAGE_GUARD_SECONDS, OPT_OUT_KEY, type SoundLanguage } from '../sounds.ts';
import type { TrunkSettings } from '../trunk.ts';
import { carrierSections, deskPhoneSections, deskTransport, trunkSections } from './trunks.ts';

export interface AsteriskOptions {
  /** Absolute folder that becomes Asterisk's own: etc, lib, run, log, spool, data. */
  folder: string;
  /** Where the programme lies: its modules, its share folder (rest-api, documentation) and its sbin. All absolute. */
  modules: string;
  share: string;
  sbin: string;
  /** Folder of dialplans, sounds and music; absolute. */
  dialplans: string;
  /** Address for ARI and AMI. */
  bind: string;
  /** Address for SIP; that of ARI when not given. */
  sipBind?: string;
  ports: { http: number; ami: number; sip: number; carrier: number; rtpFrom: number; rtpTo: number };
  ari: { user: string; password: string };
  ami: { user: string; secret: string };
  /** Address at which browsers and carriers reach this machine's media. */
  mediaAddress: string;
  /** This machine's own IPv4 addresses, which `mediaAddress` stands for; read from the machine when not given. */
  hostAddresses?: readonly string[];
  trunks: readonly TrunkSettings[];
  /** Whether the demo carrier listens on `ports.carrier`. */
  carrier: boolean;
  /** Desk phones of the demo carrier's, which register from a port of their own as stations (their names begin with `desk`). */
  deskPhones?: { port: number; phones: readonly { user: string; secret: string }[] };
  language: SoundLanguage;
}

export interface AsteriskConfiguration {
  /** For `asterisk -C`. */
  file: string;
  /** The switch's own record, one CEL event per line. */
  recordFile: string;
  /** Unix socket of the command line (`asterisk -rx`). */
  controlSocket: string;
  pidFile: string;
  ariUrl: string;
}

export class ConfigurationError extends Error {
  readonly code = 'asterisk_configuration';
}

const LOOPBACK = '127.0.0.1';

/**
 * Writes everything one Asterisk reads under `options.folder` and says what a caller needs to start and use it. Files are
 * readable by their owner alone: they hold secrets. Asterisk's database and record are kept.
 * @throws ConfigurationError for a template that asks for a value nobody gives, or a relative path.
 */
export async function writeAsteriskConfiguration(options: AsteriskOptions): Promise<AsteriskConfiguration> {
  for (const path of [options.folder, options.modules, options.share, options.sbin, options.dialplans]) {
    if (resolve(path) !== path.replace(/\/$/, '')) throw new ConfigurationError(`Not an absolute path: ${path}`);
  }
  const inFolder = (...names: string[]): string => join(options.folder, ...names);
  for (const name of ['etc', 'lib', 'lib/keys', 'run', 'log', 'spool', 'spool/recording', 'data'])
    await mkdir(inFolder(name), { recursive: true, mode: 0o700 });

  const recordFile = inFolder('log', 'record.csv');
  const values = templateValues(options, recordFile);
  for (const template of await templates(options.dialplans)) {
    const text = await readFile(template.path, 'utf8');
    await writeFile(inFolder('etc', template.name), fill(text, values, template.name), { mode: 0o600 });
  }
  await link(join(options.share, 'rest-api'), inFolder('data', 'rest-api'));
  await link(join(options.share, 'documentation'), inFolder('data', 'documentation'));
  await link(join(options.dialplans, 'sounds'), inFolder('data', 'sounds'));

  return {
    file: inFolder('etc', 'asterisk.conf'),
    recordFile,
    controlSocket: inFolder('run', 'asterisk.ctl'),
    pidFile: inFolder('run', 'asterisk.pid'),
    ariUrl: `http://${options.bind}:${options.ports.http}`,
  };
}

function templateValues(options: AsteriskOptions, recordFile: string): Record<string, string> {
  const { ports } = options;
  const onLoopback = options.mediaAddress === LOOPBACK;
  const mediaBind = onLoopback ? LOOPBACK : null;
  return {
    FOLDER: options.folder,
    MODULES: options.modules,
    SBIN: options.sbin,
    BIND: options.bind,
    LANGUAGE: options.language,
    HTTP_PORT: String(ports.http),
    AMI_PORT: String(ports.ami),
    SIP_BIND: options.sipBind ?? options.bind,
    SIP_PORT: String(ports.sip),
    RTP_FROM: String(ports.rtpFrom),
    RTP_TO: String(ports.rtpTo),
    ARI_USER: options.ari.user,
    ARI_PASSWORD: options.ari.password,
    AMI_USER: options.ami.user,
    AMI_SECRET: options.ami.secret,
    AMI_PERMIT: options.bind === LOOPBACK ? '127.0.0.1/255.255.255.255' : '0.0.0.0/0.0.0.0',
    RECORD_FILE: recordFile,
    ICE_HOST_CANDIDATES: iceHostCandidates(options),
    EXTERNAL_ADDRESSES: onLoopback
      ? ''
      : `external_media_address = ${options.mediaAddress}\nexternal_signaling_address = ${options.mediaAddress}\nlocal_net = 127.0.0.0/8`,
    TRUNKS: options.trunks.map((trunk) => trunkSections(trunk, trunk.kind === 'demo' ? LOOPBACK : mediaBind)).join('\n'),
    CARRIER: carrier(options),
    AMD_TOTAL_ANALYSIS_MS: String(AMD_FIGURES.totalAnalysisMs),
    AMD_INITIAL_SILENCE_MS: String(AMD_FIGURES.longestInitialSilenceMs),
    AMD_AFTER_GREETING_SILENCE_MS: String(AMD_FIGURES.afterGreetingSilenceMs),
    AMD_GUARD_SECONDS: String(AMD_FIGURES.guardMs / 1000),
    OPT_OUT_KEY,
    KEY_WAIT_SECONDS: String(KEY_WAIT_SECONDS),
    MESSAGE_GUARD_SECONDS: String(MESSAGE_GUARD_SECONDS),
    MACHINE_SILENCE_MS: String(AMD_FIGURES.machineSilenceMs),
    INBOUND_TAKE_SECONDS: String(INBOUND_FIGURES.takeInWithinMs / 1000),
    VOICEMAIL_SILENCE_SECONDS: String(INBOUND_FIGURES.voicemailSilenceMs / 1000),
    VOICEMAIL_LONGEST_SECONDS: String(INBOUND_FIGURES.longestVoicemailMs / 1000),
    MACHINE_WAIT_SECONDS: String(AMD_FIGURES.machineWaitMs / 1000),
  };
}

function carrier(options: AsteriskOptions): string {
  if (!options.carrier) return '';
  const { ports, deskPhones } = options;
  const parts = [carrierSections(LOOPBACK, ports.sip, ports.carrier)];
  if (deskPhones !== undefined) {
    parts.push(deskTransport(LOOPBACK, deskPhones.port));
    for (const { user, secret } of deskPhones.phones) parts.push(deskPhoneSections(user, secret, LOOPBACK, ports.sip));
  }
  return parts.join('\n');
}

function iceHostCandidates(options: AsteriskOptions): string {
  const addresses = options.hostAddresses ?? ownAddresses();
  return addresses
    .filter((address) => address !== options.mediaAddress)
    .map((address) => `${address} => ${options.mediaAddress}`)
    .join('\n');
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => address.family === 'IPv4' && !address.internal)
    .map((address) => address.address);
}

async function templates(dialplans: string): Promise<{ name: string; path: string }[]> {
  const found = [];
  for (const folder of [dialplans, join(dialplans, 'asterisk')]) {
    for (const name of await readdir(folder)) if (name.endsWith('.conf')) found.push({ name, path: join(folder, name) });
  }
  return found;
}

function fill(text: string, values: Record<string, string>, file: string): string {
  return text.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new ConfigurationError(`${file} asks for ${name}, which nobody gives`);
    return value;
  });
}

async function link(target: string, path: string): Promise<void> {
  await rm(path, { force: true });
  await symlink(target, path);
}
