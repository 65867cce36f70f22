// Writes four messy debtor lists and expected.json with what a correct import must count.
// node generate.mjs --rows 2000 --seed 1 --out DIR [--only sa-bank.csv]        Every name and number is invented; never point a real trunk at them.
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const arg = (name, fallback) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? fallback : process.argv[i + 1]; };
const rows = Number(arg('rows', 2000)), seed = Number(arg('seed', 1)), out = arg('out', '.'), only = arg('only', '');
mkdirSync(out, { recursive: true });

function random(s) { let a = s >>> 0; return () => { a = (a + 0x6d2b79f5) >>> 0; let t = a; t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61); return ((t ^ (t >>> 14)) >>> 0) / 4294967296; }; }
const arabic = s => String(s).replace(/\d/g, d => '٠١٢٣٤٥٦٧٨٩'[d]);
const persian = s => String(s).replace(/\d/g, d => '۰۱۲۳۴۵۶۷۸۹'[d]);
const cp1256 = (() => { const map = new Map(); const decoder = new TextDecoder('windows-1256'); for (let b = 0; b < 256; b++) map.set(decoder.decode(Uint8Array.of(b)), b); return text => { const bytes = Buffer.alloc(text.length); for (let i = 0; i < text.length; i++) { const b = map.get(text[i]); if (b === undefined) throw new Error(`not in windows-1256: ${text[i]}`); bytes[i] = b; } return bytes; }; })();
const luhnDigit = head => { let sum = 0; [...head].toReversed().forEach((c, i) => { let d = +c; if (i % 2 === 0) { d *= 2; if (d > 9) d -= 9; } sum += d; }); return (10 - (sum % 10)) % 10; };
const iranDigit = head => { let sum = 0; for (let i = 0; i < 9; i++) sum += +head[i] * (10 - i); const r = sum % 11; return r < 2 ? r : 11 - r; };
const formatters = new Map();
const inCalendar = (date, calendar) => {
  if (!formatters.has(calendar)) formatters.set(calendar, new Intl.DateTimeFormat(`en-u-ca-${calendar}-nu-latn`, { timeZone: 'UTC', year: 'numeric', month: '2-digit', day: '2-digit' }));
  const p = Object.fromEntries(formatters.get(calendar).formatToParts(date).map(x => [x.type, x.value])); return `${p.year}/${p.month}/${p.day}`;
};
const grouped = (n, group) => String(n).replace(/\B(?=(\d{3})+$)/g, group);

const saNames = [['أحمد', 'محمد', 'خالد', 'فهد', 'سارة', 'نورة', 'عبدالله', 'مُحَمَّد', 'هدى', 'يوسف'], ['الحربي', 'القحطاني', 'العتيبي', 'الغامدي', 'الزهراني', 'الشهري']];
const egNames = [['أحمد', 'محمود', 'مصطفى', 'منى', 'فاطمة', 'كريم', 'هشام', 'دينا'], ['حسن', 'عبد الرحمن', 'السيد', 'إبراهيم', 'فؤاد']];
const irNames = [['علی', 'زهرا', 'محمدرضا', 'مریم', 'حسین', 'نیلوفر', 'سعید', 'فاطمه‌سادات'], ['احمدی', 'رضایی', 'کریمی', 'موسوی', 'جعفری', 'ذبیحی']];
const usNames = [['Maria', 'James', 'Aisha', 'Robert', 'Linh', "D'Arcy", 'José', 'Anne-Marie'], ['Garcia', 'Smith', "O'Neil", 'Nguyen', 'Johnson', 'Haddad']];

const files = {
  'sa-bank.csv': { country: 'SA', currency: 'SAR', delimiter: ',', decimals: 2, encode: t => Buffer.from(t, 'utf8'), bom: Buffer.from([0xef, 0xbb, 0xbf]), calendar: 'islamic-umalqura',
    header: ['رقم الحساب', 'اسم العميل', 'رقم الهوية', 'الجوال', 'هاتف آخر', 'المبلغ المستحق', 'تاريخ الاستحقاق', 'العنوان'], names: saNames, city: ['الرياض', 'جدة', 'الدمام'],
    id: r => { const head = (r() < 0.8 ? '1' : '2') + String(Math.floor(r() * 1e8)).padStart(8, '0'); return head + luhnDigit(head); }, badId: id => id.slice(0, 9) + ((+id[9] + 1) % 10),
    phone: r => ['50', '53', '54', '55', '56', '58', '59'][Math.floor(r() * 7)] + String(Math.floor(r() * 1e7)).padStart(7, '0'),
    phoneText: (p, r) => [arabic('0' + p), '00966' + p, '+966 ' + p.slice(0, 2) + ' ' + p.slice(2, 5) + ' ' + p.slice(5), '966' + p][Math.floor(r() * 4)],
    amountText: (minor, r) => r() < 0.5 ? arabic(grouped(Math.floor(minor / 100), '٬')) + '٫' + arabic(String(minor % 100).padStart(2, '0')) : grouped(Math.floor(minor / 100), ',') + '.' + String(minor % 100).padStart(2, '0'), dateText: d => arabic(d), idText: x => x },
  'eg-telecom.csv': { country: 'EG', currency: 'EGP', delimiter: ';', decimals: 2, encode: cp1256, bom: Buffer.alloc(0), calendar: 'gregory',
    header: ['كود العميل', 'الاسم', 'الرقم القومي', 'الموبايل', 'تليفون المنزل', 'المبلغ', 'تاريخ الاستحقاق', 'العنوان'], names: egNames, city: ['القاهرة', 'الجيزة', 'الإسكندرية'],
    id: r => '2' + String(60 + Math.floor(r() * 40)) + String(1 + Math.floor(r() * 12)).padStart(2, '0') + String(1 + Math.floor(r() * 28)).padStart(2, '0') + ['01', '02', '21'][Math.floor(r() * 3)] + String(Math.floor(r() * 1e5)).padStart(5, '0'), badId: id => id.slice(0, 3) + '13' + id.slice(5),
    phone: r => ['10', '11', '12', '15'][Math.floor(r() * 4)] + String(Math.floor(r() * 1e8)).padStart(8, '0'), phoneText: (p, r) => ['0' + p, '+20' + p, '0020 ' + p][Math.floor(r() * 3)],
    amountText: minor => grouped(Math.floor(minor / 100), '.') + ',' + String(minor % 100).padStart(2, '0'), dateText: d => d.split('/').toReversed().join('/'), idText: x => x },
  'ir-leasing.tsv': { country: 'IR', currency: 'IRR', delimiter: '\t', decimals: 0, encode: t => Buffer.from(t, 'utf16le'), bom: Buffer.from([0xff, 0xfe]), calendar: 'persian', toman: true,
    header: ['شماره قرارداد', 'نام بدهکار', 'کد ملی', 'تلفن همراه', 'تلفن دوم', 'مبلغ بدهی (تومان)', 'سررسید', 'نشانی'], names: irNames, city: ['تهران', 'مشهد', 'اصفهان'],
    id: r => { const head = String(1e8 + Math.floor(r() * 8e8)).padStart(9, '0'); return head + iranDigit(head); }, badId: id => id.slice(0, 9) + ((+id[9] + 1) % 10),
    phone: r => ['912', '919', '935', '901', '936'][Math.floor(r() * 5)] + String(Math.floor(r() * 1e7)).padStart(7, '0'), phoneText: (p, r) => [persian('0' + p), '+98' + p, '0098' + p, persian(p.slice(0, 3) + '-' + p.slice(3))][Math.floor(r() * 4)],
    amountText: toman => persian(grouped(toman, '٬')), dateText: d => persian(d), idText: x => persian(x) },
  'us-agency.csv': { country: 'US', currency: 'USD', delimiter: ',', decimals: 2, encode: t => Buffer.from(t, 'utf8'), bom: Buffer.alloc(0), calendar: 'gregory', joined: true,
    header: ['AccountRef', 'FullName', 'CustomerRef', 'Phones', 'Balance', 'DueDate', 'Address'], names: usNames, city: ['12 Main St, New York, NY', '4 Bay Rd, San Francisco, CA', '9 Oak Ave, Chicago, IL', '7 Palm Dr, Miami, FL'],
    id: r => 'C' + String(Math.floor(r() * 1e9)).padStart(9, '0'), badId: null,
    phone: r => ['212', '305', '312', '415', '617', '713'][Math.floor(r() * 6)] + '55501' + String(Math.floor(r() * 100)).padStart(2, '0'), phoneText: (p, r) => [`(${p.slice(0, 3)}) ${p.slice(3, 6)}-${p.slice(6)}`, '+1' + p, `${p.slice(0, 3)}.${p.slice(3, 6)}.${p.slice(6)}`, '1-' + p.slice(0, 3) + '-' + p.slice(3, 6) + '-' + p.slice(6)][Math.floor(r() * 4)],
    amountText: minor => '$' + grouped(Math.floor(minor / 100), ',') + '.' + String(minor % 100).padStart(2, '0'), dateText: d => { const [y, m, day] = d.split('/'); return `${m}/${day}/${y}`; }, idText: x => x },
};
const quote = (text, delimiter) => /["\n]/.test(text) || text.includes(delimiter) ? '"' + text.replaceAll('"', '""') + '"' : text;
const FAULTS = ['missing_account', 'missing_name', 'no_valid_phone', 'bad_amount', 'bad_date', 'missing_address'];

const expected = { rowsPerFile: rows, seed, files: {} };
for (const [name, f] of Object.entries(files)) {
  if (only && name !== only) continue;
  const r = random(seed * 7919 + name.length * 104729 + name.charCodeAt(0)); const pick = list => list[Math.floor(r() * list.length)];
  const stream = createWriteStream(join(out, name)); stream.write(f.bom); const line = cells => f.encode(cells.map(c => quote(c, f.delimiter)).join(f.delimiter) + '\r\n');
  stream.write(line(f.header));
  const e = { rows, new: 0, updated: 0, duplicate: 0, rejected: 0, reasons: Object.fromEntries(FAULTS.map(x => [x, 0])), warnings: { bad_national_id: 0 }, debtors: 0, total: 0n };
  const people = [], accounts = []; const debtors = new Set(), taken = new Set(), takenUnproven = new Set(); let serial = 0;
  const render = a => f.joined
    ? [a.account, a.name, a.id, a.phones.join('; '), a.amountText, a.date, a.address]
    : [a.account, a.name, f.idText(a.id), a.phones[0] ?? '', a.phones[1] ?? '', a.amountText, a.date, a.address];
  for (let i = 0; i < rows; i++) {
    if (stream.writableNeedDrain) await new Promise(go => stream.once('drain', go));
    const roll = r();
    if (accounts.length > 20 && roll < 0.02) { stream.write(line(render(pick(accounts)))); e.duplicate++; continue; }      // the same row again
    if (accounts.length > 20 && roll < 0.05) {                                                                            // the same account, another balance
      const a = pick(accounts); e.total -= a.amount; const delta = BigInt(1 + Math.floor(r() * 50000)); a.amount += delta; a.amountText = f.amountText(Number(a.amount), r); e.total += a.amount; e.updated++; stream.write(line(render(a))); continue;
    }
    const known = people.length > 20 && r() < 0.15 ? pick(people) : null;
    const person = known ?? { id: f.id(r), name: pick(f.names[0]) + ' ' + pick(f.names[1]) };
    const date = new Date(Date.UTC(2024, Math.floor(r() * 30), 1 + Math.floor(r() * 28)));
    const a = { account: `${f.country}-${String(++serial).padStart(7, '0')}`, name: person.name, id: person.id, address: pick(f.city), amount: BigInt(5000 + Math.floor(r() * r() * 5_000_000)), date: f.dateText(inCalendar(date, f.calendar)) };
    a.amountText = f.amountText(Number(a.amount), r);
    let contacts = []; const addPhone = () => { const p = f.phone(r); contacts.push(`${person.name} ${p}`); return f.phoneText(p, r); };
    a.phones = [addPhone()]; if (r() < 0.3) a.phones.push(addPhone());
    if (r() < 0.1) a.address += '\n' + pick(f.city);                                                                      // a line break inside a cell
    const fault = roll > 0.95 ? pick(FAULTS) : null;
    if (fault) {
      if (fault === 'missing_account') a.account = ''; if (fault === 'missing_name') a.name = '  '; if (fault === 'no_valid_phone') a.phones = [pick(['0000000000', '123', '-'])];
      if (fault === 'bad_amount') a.amountText = pick(['abc', '', '0', '-']); if (fault === 'bad_date') a.date = pick(['1447/13/40', '31/31/2025', 'soon']); if (fault === 'missing_address') a.address = '';
      e.rejected++; e.reasons[fault]++; stream.write(line(render(a))); continue;
    }
    const unproven = !known && f.badId && r() < 0.02;
    while (contacts.some(c => (unproven ? taken : takenUnproven).has(c))) { contacts = []; a.phones = a.phones.map(addPhone); }   // nobody else of that name has that number: they would be one person
    if (unproven) {
      a.id = f.badId(a.id); e.warnings.bad_national_id++; debtors.add('account ' + a.account);  // kept, with a warning, as a person of its own
    } else { debtors.add(person.id); if (!known) people.push(person); }
    if (f.badId) for (const contact of contacts) { taken.add(contact); if (unproven) takenUnproven.add(contact); }
    if (r() < 0.03) a.phones.push('123');                                                                                // one bad number beside a good one: the row stays
    accounts.push(a); e.new++; e.total += a.amount; stream.write(line(render(a)));
  }
  e.debtors = debtors.size; const scaled = f.toman ? e.total * 10n : e.total;
  e.total = f.decimals ? `${scaled / 100n}.${String(scaled % 100n).padStart(2, '0')}` : String(scaled); e.currency = f.currency; e.country = f.country;
  expected.files[name] = e; await new Promise(done => stream.end(done));
}
writeFileSync(join(out, 'expected.json'), JSON.stringify(expected, null, 1) + '\n');
