import { defineConfig } from 'vitest/config';

/** The map of imports alone: it reads files and needs none of the servers that the other tests stand on. */
export default defineConfig({ test: { include: ['test/architecture.test.ts'], root: `${import.meta.dirname}/..` } });
