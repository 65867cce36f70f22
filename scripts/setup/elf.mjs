import { closeSync, openSync, readSync } from 'node:fs';

/**
 * The shared libraries (DT_NEEDED) an ELF file asks for, without running anything; an empty list for any other file.
 * Only 64-bit little-endian files are read: amd64 and arm64, the two architectures that set-up serves.
 */
export function neededLibraries(file) {
  const descriptor = openSync(file, 'r');
  try {
    return readNeeded(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_STRSZ = 10n;

function readNeeded(descriptor) {
  const header = read(descriptor, 0, 64);
  const is64BitLittleEndianElf =
    header.length === 64 && header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
  if (!is64BitLittleEndianElf) return [];

  const segments = programHeaders(descriptor, header);
  const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
  if (!dynamic) return [];

  const entries = [];
  const table = read(descriptor, dynamic.offset, dynamic.fileSize);
  for (let at = 0; at + 16 <= table.length; at += 16) entries.push([table.readBigInt64LE(at), table.readBigUInt64LE(at + 8)]);
  const value = (tag) => entries.find(([found]) => found === tag)?.[1];

  const stringsAddress = Number(value(DT_STRTAB) ?? 0n);
  const home = segments.find(
    (segment) =>
      segment.type === PT_LOAD && stringsAddress >= segment.address && stringsAddress < segment.address + segment.fileSize,
  );
  if (!home) return [];
  const strings = read(descriptor, stringsAddress - home.address + home.offset, Number(value(DT_STRSZ) ?? 0n));
  return entries
    .filter(([tag]) => tag === DT_NEEDED)
    .map(([, offset]) => strings.toString('latin1', Number(offset), strings.indexOf(0, Number(offset))));
}

function programHeaders(descriptor, header) {
  const start = Number(header.readBigUInt64LE(32));
  const size = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  const table = read(descriptor, start, size * count);
  return Array.from({ length: count }, (_, index) => {
    const at = index * size;
    return {
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      fileSize: Number(table.readBigUInt64LE(at + 32)),
    };
  });
}

function read(descriptor, position, length) {
  const buffer = Buffer.alloc(length);
  return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
}
