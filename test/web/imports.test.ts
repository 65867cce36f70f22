import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ImportProfile } from '../../server/contract/import-profiles.ts';
import { openWeb, realSettings, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let admin: string;
let campaignId: string;

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('root', 'admin');
  admin = await web.cookieOf('root');
  await web.addTrunk('real', 'real', true);
  campaignId = String((await web.ask(admin, 'POST', '/api/v1/campaigns', { name: 'Cards', settings: realSettings() })).body.id);
});
afterAll(() => web.close());

const LIST = 'Acct,Who,Tel,Sum,When,Where\nA,Ann Lee,2125550101,5.00,1/2/2025,Main St\n';

/** Sends a form with a file, as a browser does. */
async function send(path: string, fields: Readonly<Record<string, string>>, file: string | Buffer, name = 'list.csv') {
  const boundary = 'a-boundary-of-a-test';
  const parts = Object.entries(fields).map(
    ([key, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${key}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: text/csv\r\n\r\n`;
  const payload = Buffer.concat([Buffer.from(parts.join('') + head), Buffer.from(file), Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const answer = await web.app.inject({
    method: 'POST',
    url: path,
    headers: { cookie: admin, origin: 'http://wusul.test', 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload,
  });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

test('a preview tells the columns it found, what is missing, and the first rows, and keeps nothing', async () => {
  const { status, body } = await send('/api/v1/imports/preview', { profile: 'us-agency' }, LIST);
  expect([status, body['header'], body['missing']]).toEqual([
    200,
    ['Acct', 'Who', 'Tel', 'Sum', 'When', 'Where'],
    ['name', 'amount', 'due', 'address'],
  ]);
  expect(body['columns']).toMatchObject({ account: [0], phone: [2], name: [] });
  expect(body['samples']).toEqual([['A', 'Ann Lee', '2125550101', '5.00', '1/2/2025', 'Main St']]);
  expect(await send('/api/v1/imports/preview', { profile: 'us-agency' }, '\u0000\u0001')).toMatchObject({
    body: { code: 'import_file_binary', field: 'file' },
  });
});

test('an import may name its columns and settings, and is refused by name where they are not valid', async () => {
  const columns = { name: 'Who', amount: 'Sum', due: 'When', address: 'Where' };
  const fields = { campaignId, profile: 'us-agency', dryRun: 'true' };
  const started = await send('/api/v1/imports', { ...fields, options: JSON.stringify({ columns }) }, LIST);
  expect(started).toMatchObject({ status: 202, body: { state: 'queued', kind: 'list', undoneAt: null } });
  const stored = await web.database
    .selectFrom('import')
    .select('mapping')
    .where('id', '=', String(started.body['id']))
    .executeTakeFirst();
  expect(stored?.mapping).toEqual({ columns });
  for (const [options, field] of [
    ['{"country":"ZZ"}', 'country'],
    ['{"calendar":"mayan"}', 'calendar'],
    ['{"colour":"red"}', 'options'],
    ['nonsense', 'options'],
  ] as const) {
    const refused = await send('/api/v1/imports', { ...fields, options }, LIST);
    expect([options, refused.status >= 400 && refused.status < 500, refused.body['field']]).toEqual([options, true, field]);
  }
});

test('how files are read is kept under a name, each change a version, proposed for files with its header, and read by', async () => {
  const columns = { account: 'Acct', name: 'Who', phone: ['Tel'], amount: 'Sum', due: 'When', address: 'Where' };
  const profile = {
    name: 'Cards Inc.',
    creditor: 'Cards Incorporated',
    base: 'us-agency',
    settings: { columns },
    header: Object.values(columns).flat(),
  };
  const path = '/api/v1/import-profiles';
  const kept = (answer: { body: unknown }) => (answer.body as ImportProfile[])[0];
  const ask = (method: 'POST' | 'PUT' | 'DELETE', to: string, body: object = {}) => web.ask(admin, method, to, { ...body });
  expect(await ask('POST', path, { ...profile, base: null })).toMatchObject({ body: { code: 'import_settings_missing' } });
  expect(await ask('POST', path, { ...profile, settings: { country: 'ZZ' } })).toMatchObject({ body: { field: 'country' } });
  const first = kept(await ask('POST', path, profile));
  expect(first).toMatchObject({
    name: 'Cards Inc.',
    version: 1,
    changedBy: 'Name of root',
    settings: { currency: 'USD', columns },
  });
  const id = first?.id ?? '';
  expect(await ask('POST', path, { ...profile, name: ' cards inc. ' })).toMatchObject({ status: 409, body: { field: 'name' } });
  const change = { ...profile, base: null, settings: { ...first?.settings, absent: 'recalled' }, version: 1 };
  expect(kept(await ask('PUT', `${path}/${id}`, change))).toMatchObject({
    version: 2,
    settings: { absent: 'recalled' },
    versions: [{ version: 1 }],
  });
  expect(await ask('PUT', `${path}/${id}`, change)).toMatchObject({ status: 409, body: { code: 'profile_changed' } });

  const turned = 'Where,When,sum,tel,WHO,acct\nMain St,1/2/2025,5.00,2125550101,Ann Lee,A\n';
  expect((await send('/api/v1/imports/preview', {}, turned)).body['proposed']).toEqual({ id, name: 'Cards Inc.' });
  const lacking = await send('/api/v1/imports/preview', { profileId: id }, LIST.replace('Where', 'City'));
  expect(lacking.body).toMatchObject({ absent: [{ field: 'address', column: 'Where' }], missing: ['address'], proposed: null });
  const options = JSON.stringify({ columns: { due: 'When' }, order: 'dmy' });
  const started = await send('/api/v1/imports', { campaignId, profileId: id, options }, turned);
  expect(started).toMatchObject({ status: 202, body: { profile: 'Cards Inc.' } });
  const stored = await web.database
    .selectFrom('import')
    .innerJoin('creditor', 'creditor.id', 'import.creditor_id')
    .select(['mapping', 'own_profile_version', 'creditor.name'])
    .where('import.id', '=', String(started.body['id']))
    .executeTakeFirst();
  expect(stored).toMatchObject({
    mapping: { order: 'dmy', currency: 'USD', columns },
    own_profile_version: 2,
    name: 'Cards Incorporated',
  });
  expect((await ask('DELETE', `${path}/${id}`)).body).toEqual([]);
  expect(await send('/api/v1/imports', { campaignId, profileId: id }, turned)).toMatchObject({
    body: { code: 'import_unknown_profile' },
  });
  const told = await web.database.selectFrom('event').select('kind').where('subject_id', '=', id).orderBy('id').execute();
  expect(told.map((event) => event.kind)).toEqual(['import_profile.saved', 'import_profile.saved', 'import_profile.deleted']);
});

test('an import that has not ended cannot be taken back, nor one that is not there', async () => {
  const started = await send('/api/v1/imports', { campaignId, profile: 'us-agency' }, LIST);
  expect(await web.ask(admin, 'POST', `/api/v1/imports/${String(started.body['id'])}/undo`)).toMatchObject({
    status: 409,
    body: { code: 'import_not_done' },
  });
  expect(await web.ask(admin, 'POST', '/api/v1/imports/019aa000-0000-7000-8000-000000000000/undo')).toMatchObject({
    status: 404,
  });
});

test('a list of numbers that are not to be called is sent, shown, and refused by the name of what is wrong', async () => {
  const path = '/api/v1/do-not-call-lists';
  const fields = { name: ' Registry ', source: 'registry', country: 'us', until: '2126-01-31', dryRun: 'true' };
  const sent = await send(path, fields, '2125550101\n');
  expect(sent).toMatchObject({
    status: 202,
    body: { name: 'Registry', country: 'US', state: 'queued', dryRun: true, liftedAt: null },
  });
  const id = String(sent.body['id']);
  const job = await web.database.selectFrom('outbox').select('payload').where('job', '=', 'do_not_call.take').executeTakeFirst();
  expect(job?.payload).toEqual({ listId: id });
  expect((await web.ask(admin, 'GET', path)).body).toMatchObject([{ id, by: 'Name of root' }]);
  expect(await web.ask(admin, 'POST', `${path}/${id}/undo`)).toMatchObject({ status: 409, body: { code: 'list_not_taken' } });
  expect(await web.ask(admin, 'GET', `${path}/${id}/errors`)).toMatchObject({ status: 404, body: { code: 'no_error_file' } });
  for (const [wrong, field] of [
    [{ name: ' ' }, 'name'],
    [{ source: 'rumour' }, 'source'],
    [{ country: 'ZZ' }, 'country'],
    [{ until: '2020-01-31' }, 'until'],
  ] as const) {
    const { status, body } = await send(path, { ...fields, ...wrong }, '2125550101\n');
    expect([field, status >= 400 && status < 500, body['field']]).toEqual([field, true, field]);
  }
});

test('the list of people who may be one is for admins, and knows no proposal that is not there', async () => {
  expect(await web.ask(admin, 'GET', '/api/v1/match-proposals')).toMatchObject({ status: 200 });
  expect(await web.ask(admin, 'POST', '/api/v1/match-proposals/019aa000-0000-7000-8000-000000000000/reject')).toMatchObject({
    status: 404,
    body: { code: 'unknown_proposal' },
  });
});
