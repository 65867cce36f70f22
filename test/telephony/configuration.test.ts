import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type AsteriskOptions, writeAsteriskConfiguration } from '../../server/telephony/asterisk/configuration.ts';
import { trunkSettings } from '../../server/telephony/trunk.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'asterisk-'));
});

afterEach(() => rm(folder, { recursive: true }));

function options(change: Partial<AsteriskOptions> = {}): AsteriskOptions {
  return {
    folder,
    modules: '/usr/lib/asterisk/modules',
    share: '/usr/share/asterisk',
    sbin: '/usr/sbin',
    dialplans: join(import.meta.dirname, '../../dialplans'),
    bind: '127.0.0.1',
    ports: { http: 8088, ami: 5038, sip: 5060, carrier: 5070, rtpFrom: 10_000, rtpTo: 10_999 },
    ari: { user: 'ari-user', password: 'ari-secret' },
    ami: { user: 'ami-user', secret: 'ami-secret' },
    mediaAddress: '127.0.0.1',
    hostAddresses: ['192.0.2.7'],
    trunks: [],
    carrier: false,
    language: 'ar',
    ...change,
  };
}

async function written(name: string): Promise<string> {
  return readFile(join(folder, 'etc', name), 'utf8');
}

describe('the configuration of Asterisk', () => {
  test('leaves no placeholder open, and is readable by its owner alone', async () => {
    await writeAsteriskConfiguration(options());
    const names = await readdir(join(folder, 'etc'));
    expect(names).toContain('extensions.conf');
    for (const name of names) {
      expect(await written(name)).not.toMatch(/@[A-Z_]+@/);
      expect((await stat(join(folder, 'etc', name))).mode & 0o077).toBe(0);
    }
  });

  test('listens on loopback alone, checks where media comes from, and lets nobody call through the manager interface', async () => {
    await writeAsteriskConfiguration(options({ carrier: true }));
    for (const name of ['http.conf', 'manager.conf', 'pjsip.conf']) {
      const binds = [...(await written(name)).matchAll(/^(?:bind|bindaddr) = (.+)$/gm)].map((match) => match[1]);
      expect(binds.length).toBeGreaterThan(0);
      for (const bind of binds) expect(bind).toMatch(/^127\.0\.0\.1/);
    }
    expect(await written('rtp.conf')).toContain('strictrtp = yes');
    expect(await written('manager.conf')).toMatch(/^write = system,command$/m);
  });

  test('offers browsers the media address instead of the machine’s own', async () => {
    await writeAsteriskConfiguration(options({ mediaAddress: '198.51.100.9' }));
    expect(await written('rtp.conf')).toContain('192.0.2.7 => 198.51.100.9');
    expect(await written('pjsip.conf')).toContain('external_media_address = 198.51.100.9');
  });

  test('holds a trunk with its registration, and no demo carrier unless asked', async () => {
    const trunk = trunkSettings.parse({
      name: 'main',
      kind: 'real',
      uri: 'sip:sip.example.net:5061;transport=tcp',
      user: 'account',
      password: 'a;b#c',
      register: true,
      qualifySeconds: 60,
      codecs: ['ulaw'],
    });
    await writeAsteriskConfiguration(options({ trunks: [trunk] }));
    const text = await written('pjsip.conf');
    expect(text).toContain(String.raw`contact = sip:sip.example.net:5061\;transport=tcp`);
    expect(text).toContain(String.raw`password = a\;b#c`);
    expect(text).toContain('match = sip.example.net');
    expect(text).toContain('type = registration');
    expect(text).toContain('send_connected_line = no');
    expect(text).not.toContain('demo-carrier');
  });

  test('refuses a path that is not absolute', async () => {
    await expect(writeAsteriskConfiguration(options({ modules: 'modules' }))).rejects.toMatchObject({
      code: 'asterisk_configuration',
    });
  });

  test.for([
    [{ uri: 'sip:host\n[evil]' }, 'uri'],
    [{ name: 'Main Trunk' }, 'name'],
    [{ password: 'line\nbreak' }, 'password'],
    [{ register: true }, 'user'],
    [{ number: { form: 'national' } }, 'number'],
    [{ codecs: [] }, 'codecs'],
  ] as const)('a trunk with %j is refused, naming %s', ([change, field]) => {
    const read = trunkSettings.safeParse({ name: 'main', kind: 'real', uri: 'sip:host', ...change });
    expect(read.error?.issues[0]?.path[0]).toBe(field);
  });
});
