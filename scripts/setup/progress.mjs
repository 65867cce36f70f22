/** One line per step with its time, on standard error, so that `--json` commands keep standard output to themselves. */
export function startStep(what) {
  const started = Date.now();
  process.stderr.write(`  ${what} …`);
  return {
    note(text) {
      process.stderr.write(` ${text}`);
    },
    done(text = '') {
      process.stderr.write(` ${text === '' ? '' : `${text}, `}${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    },
    failed() {
      process.stderr.write(' not possible\n');
    },
  };
}
