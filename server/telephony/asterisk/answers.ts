/** What Asterisk answers to questions, as far as we read it (no I/O). */
import { z } from 'zod';

const endpoint = z.object({ resource: z.string(), state: z.string().optional() });
export const endpointAnswer = endpoint;
export const endpointsAnswer = z.array(endpoint);
export const channelsAnswer = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    state: z.string(),
    creationtime: z.string(),
    dialplan: z.object({ context: z.string(), app_name: z.string().default(''), app_data: z.string().default('') }),
  }),
);
export const bridgesAnswer = z.array(z.object({ id: z.string(), channels: z.array(z.string()) }));
export const applicationAnswer = z.object({ channel_ids: z.array(z.string()) });
export const storedRecordingsAnswer = z.array(z.object({ name: z.string() }));
