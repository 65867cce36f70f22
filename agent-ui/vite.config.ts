import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { PERSIAN_PHRASES } from './persian-phrases.ts';

/** Locales whose react-aria phrases the consoles can show; the other thirty-two would be 20 KB that nobody reads. */
const KEPT_LOCALES = ['en-US', 'ar-AE'];
/** A locale that the library lists and the consoles do not speak: Persian takes its place. */
const LENT_LOCALE = 'he-IL';
const PHRASES = /react-(?:aria|stately|aria-components)\/dist\/private\/intl\/(?:([a-z]+)\/)?([a-z]{2}-[A-Z]{2})\.mjs$/;
const LISTS = /react-(?:aria|stately)\/dist\/private\/[a-z]+\/intlStrings\.mjs$/;

/** Empties the phrase files of languages the consoles do not speak, and gives react-aria the Persian it lacks. */
function onlySpokenLocales(): Plugin {
  return {
    name: 'only-spoken-locales',
    enforce: 'pre',
    load(id) {
      const [, folder = '', locale] = PHRASES.exec(id) ?? [];
      if (locale === undefined || KEPT_LOCALES.includes(locale)) return null;
      return (locale === LENT_LOCALE && PERSIAN_PHRASES[folder]) || 'export default {};';
    },
    transform(code, id) {
      const folder = /([a-z]+)\/intlStrings\.mjs$/.exec(id)?.[1] ?? '';
      if (!LISTS.test(id) || PERSIAN_PHRASES[folder] === undefined) return null;
      if (!code.includes(`"${LENT_LOCALE}"`))
        throw new Error(`react-aria lists no ${LENT_LOCALE} for ${folder} any more: Persian needs another place`);
      return { code: code.replace(`"${LENT_LOCALE}"`, '"fa-IR"'), map: null };
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [onlySpokenLocales(), react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    manifest: true,
    chunkSizeWarningLimit: 800,
  },
  server: { host: '127.0.0.1', fs: { allow: ['..'] } },
  preview: { host: '127.0.0.1' },
});
