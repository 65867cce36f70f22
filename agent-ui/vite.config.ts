import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Locales whose react-aria phrases the consoles can show; the other thirty-two would be 20 KB that nobody reads. */
const KEPT_LOCALES = ['en-US', 'ar-AE'];

/** Empties the phrase files of languages the consoles do not speak. */
function onlySpokenLocales(): Plugin {
  return {
    name: 'only-spoken-locales',
    enforce: 'pre',
    load(id) {
      const match = /react-(?:aria|stately|aria-components)\/dist\/private\/intl\/(?:[a-z]+\/)?([a-z]{2}-[A-Z]{2})\.mjs$/.exec(
        id,
      );
      if (!match?.[1] || KEPT_LOCALES.includes(match[1])) return null;
      return 'export default {};';
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
