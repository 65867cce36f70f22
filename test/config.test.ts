import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSettings, SettingsError, settingsExample, settingsTable } from '../server/config.ts';

describe('the settings', () => {
  it('need nothing to be set: the demo on loopback holds', () => {
    const settings = readSettings({}, null);
    expect(settings).toMatchObject({
      HTTP_BIND: '127.0.0.1',
      HTTP_PORT: 8080,
      DEMO: 'on',
    });
    expect(Object.keys(settings)).not.toContain('DATABASE_URL');
  });

  it('name every fault at once', () => {
    const given = {
      HTTP_PORT: '99999',
      DATABASE_URL: 'mysql://host/x',
      TRUNK_KIND: 'fake',
      RTP_PORTS: '5-6',
      TLS_CERT: '/does/not/exist.pem',
    };
    expect(
      faultsOf(given)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['DATABASE_URL', 'HTTP_PORT', 'RTP_PORTS', 'TLS_CERT', 'TRUNK_KIND']);
  });

  it('say what goes with an Asterisk of one’s own', () => {
    expect(faultsOf({ ARI_URL: 'http://pbx.example:8088' }).map(({ name }) => name)).toEqual(['ARI_USER', 'ARI_PASSWORD']);
  });

  it('refuse a demo trunk that leads to the outside', () => {
    expect(faultsOf({ TRUNK_URI: 'sip:carrier.example:5060', TRUNK_KIND: 'demo' })).toEqual([
      { name: 'TRUNK_URI', fault: expect.stringContaining('loopback') },
    ]);
    expect(readSettings({ TRUNK_URI: 'sip:127.0.0.1:5070', TRUNK_KIND: 'demo' }, null).TRUNK_URI).toBe('sip:127.0.0.1:5070');
  });

  it('refuse demo accounts on any bind but loopback, and such a bind without a certificate', () => {
    expect(faultsOf({ HTTP_BIND: '0.0.0.0' }).map(({ name }) => name)).toEqual(['TLS_CERT', 'HTTP_BIND']);
  });

  it('take a proxy’s word only where it is named, under an address of its own, and never with the demo', () => {
    const real = { PUBLIC_URL: 'https://wusul.example', DEMO: 'off' };
    expect(readSettings(real, null).TRUST_PROXY).toBeUndefined();
    expect(readSettings({ ...real, TRUST_PROXY: 'loopback, 10.0.0.0/8,fd00::1' }, null).TRUST_PROXY).toEqual([
      'loopback',
      '10.0.0.0/8',
      'fd00::1',
    ]);
    for (const wrong of ['yes', '10.0.0.0/33', '10.0.0.0/0', '1.2.3', 'loopback,', 'proxy.example']) {
      expect([wrong, faultsOf({ ...real, TRUST_PROXY: wrong }).map(({ name }) => name)]).toEqual([wrong, ['TRUST_PROXY']]);
    }
    expect(faultsOf({ TRUST_PROXY: 'loopback' }).map(({ name }) => name)).toEqual(['PUBLIC_URL', 'TRUST_PROXY']);
  });

  it('let the environment overrule the file, and count an empty value as not set', () => {
    const file = 'HTTP_PORT=8081\nFLOOR_ID=north\n';
    expect(readSettings({ HTTP_PORT: '8082', FLOOR_ID: ' ' }, file)).toMatchObject({ HTTP_PORT: 8082, FLOOR_ID: 'north' });
  });

  it('tell a misspelt name in the file', () => {
    expect(faultsOf({}, 'HTTP_PROT=8081\n')).toEqual([{ name: 'HTTP_PROT', fault: expect.stringContaining('not a setting') }]);
  });

  it('never repeat a value in a fault: it may be a secret', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{12,20}$/), (value) => {
        const given = { DATABASE_URL: value, HTTP_PORT: value, STATION_SECRET: value, TRUNK_KIND: value, LOG_LEVEL: value };
        expect(JSON.stringify(faultsOf(given))).not.toContain(value);
      }),
    );
  });

  it('are all in the example file and the table', () => {
    const names = [...settingsExample().matchAll(/^#([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(names).toContain('MEDIA_ADDRESS');
    for (const name of names) expect(settingsTable()).toContain(`| \`${name}\` |`);
  });
});

function faultsOf(environment: Record<string, string>, file: string | null = null): { name: string; fault: string }[] {
  try {
    readSettings(environment, file);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}
