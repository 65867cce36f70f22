/** The thread of a second reader: reads the stretches that are its, never far ahead of who takes them. */
import { parentPort, workerData } from 'node:worker_threads';
import { openList } from './list.ts';
import { isSeconds, type SecondReading, type SecondStretch } from './second-reader.ts';
import { createStretchReader, stretchesOf } from './stretches.ts';

/** Stretches that wait to be taken. */
const MOST_AHEAD = 8;

const { path, format } = workerData as SecondReading;
let ahead = 0;
let taken = (): void => undefined;
parentPort?.on('message', () => {
  ahead -= 1;
  taken();
});
parentPort?.unref();
const list = await openList(path, format);
const read = createStretchReader(format, list);
const encoder = new TextEncoder();
for await (const stretch of stretchesOf(list)) {
  if (!isSeconds(stretch.place)) continue;
  const { lines, ...reading } = read(stretch);
  const said: SecondStretch = { ...reading, place: stretch.place, lines: encoder.encode(lines) };
  parentPort?.postMessage(said, [said.lines.buffer as ArrayBuffer]);
  ahead += 1;
  while (ahead >= MOST_AHEAD) {
    const less = Promise.withResolvers<void>();
    taken = less.resolve;
    parentPort?.ref();
    await less.promise;
  }
  parentPort?.unref();
}
