/** The socket on which Asterisk tells an application what happens. */
import { WebSocket } from 'ws';

export interface StreamOptions {
  url: string;
  user: string;
  password: string;
  application: string;
  /** How often the far end is asked for a sign of life, and after how long without any it counts as lost. */
  pingEveryMs: number;
  silenceLimitMs: number;
  onMessage(text: string): void;
  /** Called once, after the stream was open. */
  onClose(): void;
}

/** One connection, from open to closed; whoever opened it closes it. */
export interface Stream {
  /** Monotonic milliseconds since the last sign of life. */
  silenceMs(): number;
  send(text: string): void;
  close(): void;
}

/** Opens the stream; rejects when Asterisk cannot be reached or refuses. From then on the application receives calls. */
export function openStream(options: StreamOptions): Promise<Stream> {
  const { user, password, application } = options;
  const query = new URLSearchParams({ app: application, api_key: `${user}:${password}` });
  const socket = new WebSocket(`${options.url.replace(/^http/, 'ws')}/ari/events?${query}`, {
    handshakeTimeout: options.silenceLimitMs,
    perMessageDeflate: false,
  });
  let lastSignMs = performance.now();
  let ticking: NodeJS.Timeout | undefined;
  const sign = (): void => {
    lastSignMs = performance.now();
  };
  const silenceMs = (): number => performance.now() - lastSignMs;

  return new Promise((resolve, reject) => {
    let open = false;
    socket.on('pong', sign);
    socket.on('message', (data: Buffer) => {
      sign();
      options.onMessage(data.toString('utf8'));
    });
    socket.on('open', () => {
      open = true;
      sign();
      let tickMs = performance.now();
      ticking = setInterval(() => {
        const lateMs = performance.now() - tickMs - options.pingEveryMs;
        tickMs = performance.now();
        // A process that was itself stopped must not take its own silence for the far end's: it asks before it judges.
        if (lateMs < options.pingEveryMs && silenceMs() > options.silenceLimitMs) socket.terminate();
        else socket.ping();
      }, options.pingEveryMs);
      resolve({ silenceMs, send: (text) => socket.send(text), close: () => socket.terminate() });
    });
    socket.on('error', (error) => {
      if (!open) reject(error);
    });
    socket.on('close', () => {
      clearInterval(ticking);
      if (open) options.onClose();
      else reject(new Error('closed before it was open'));
    });
  });
}
