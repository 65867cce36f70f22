import { randomBytes } from 'node:crypto';
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import sip, { type SipRequest, type SipResponse } from 'sip';

/** Where a message comes from or goes to. */
export interface Peer {
  address: string;
  port: number;
}

/** Answers a request; the last answer is sent again whenever the request is. */
export type Respond = (response: SipResponse) => void;

/** SIP over one UDP socket: requests are repeated until answered, repeated requests are answered as before. */
export interface Signalling {
  readonly address: string;
  readonly port: number;
  /** Resolves with the final response; rejects with `SipSilence` when there is none. Fills in Via and the ACK of a refused INVITE. */
  request(message: SipRequest, peer: Peer): Promise<SipResponse>;
  /** Sends without waiting for anything: the ACK of an accepted INVITE. */
  send(message: SipRequest, peer: Peer): void;
  close(): Promise<void>;
}

/** Nobody answered a request in time. */
export class SipSilence extends Error {
  constructor(method: string) {
    super(`no answer to ${method}`);
    this.name = 'SipSilence';
  }
}

/** T1 and T2 of RFC 3261, section 17, and how long a request and a ringing call are waited for. */
export const FIRST_REPEAT_MS = 500;
export const LONGEST_REPEAT_MS = 4_000;
const ANSWER_WITHIN_MS = 8_000;
const RING_AT_MOST_MS = 120_000;
/** How long an answer is kept for repeated requests. */
const KEEP_ANSWER_MS = 32_000;

interface ClientTransaction {
  onResponse(response: SipResponse): void;
  abandon(): void;
}

/** Opens a UDP socket on a free port of `address`. `onRequest` gets each new request once; an ACK needs no answer. The caller closes it. */
export async function openSignalling(
  address: string,
  onRequest: (request: SipRequest, peer: Peer, respond: Respond) => void,
): Promise<Signalling> {
  const socket = createSocket('udp4');
  const clients = new Map<string, ClientTransaction>();
  const answers = new Map<string, { text: Buffer | null; timer: NodeJS.Timeout }>();
  socket.on('error', () => {
    // A far end that is gone (ICMP refused) shows as silence.
  });
  socket.on('message', (datagram, remote) => receive(datagram, remote));
  socket.bind(0, address);
  await once(socket, 'listening');
  const port = socket.address().port;
  let closed = false;

  function transmit(text: Buffer, peer: Peer): void {
    if (!closed) socket.send(text, peer.port, peer.address);
  }

  function receive(datagram: Buffer, remote: RemoteInfo): void {
    const message = sip.parse(datagram);
    const branch = message?.headers.via?.[0]?.params['branch'];
    if (message === undefined || typeof branch !== 'string') return;
    if ('status' in message) {
      clients.get(`${branch} ${message.headers.cseq.method}`)?.onResponse(message);
      return;
    }
    const peer = { address: remote.address, port: remote.port };
    if (message.method === 'ACK') {
      onRequest(message, peer, () => {});
      return;
    }
    const key = `${branch} ${message.method}`;
    const known = answers.get(key);
    if (known !== undefined) {
      if (known.text !== null) transmit(known.text, peer);
      return;
    }
    const entry = { text: null as Buffer | null, timer: setTimeout(() => answers.delete(key), KEEP_ANSWER_MS) };
    answers.set(key, entry);
    onRequest(message, peer, (response) => {
      entry.text = encode(response);
      transmit(entry.text, peer);
    });
  }

  function request(message: SipRequest, peer: Peer): Promise<SipResponse> {
    const branch = stampVia(message, address, port);
    const key = `${branch} ${message.method}`;
    const text = encode(message);
    const { promise, resolve, reject } = Promise.withResolvers<SipResponse>();
    let wait = FIRST_REPEAT_MS;
    let repeat: NodeJS.Timeout | undefined;
    let deadline = setTimeout(giveUp, ANSWER_WITHIN_MS);
    function again(): void {
      transmit(text, peer);
      repeat = setTimeout(again, wait);
      wait = Math.min(wait * 2, LONGEST_REPEAT_MS);
    }
    function end(): void {
      clearTimeout(repeat);
      clearTimeout(deadline);
      clients.delete(key);
    }
    function giveUp(): void {
      end();
      reject(new SipSilence(message.method));
    }
    clients.set(key, {
      abandon: giveUp,
      onResponse(response) {
        if (response.status < 200) {
          if (message.method !== 'INVITE') return;
          clearTimeout(repeat);
          clearTimeout(deadline);
          deadline = setTimeout(giveUp, RING_AT_MOST_MS);
          return;
        }
        end();
        if (message.method === 'INVITE' && response.status >= 300) transmit(encode(acknowledgeRefusal(message, response)), peer);
        resolve(response);
      },
    });
    again();
    return promise;
  }

  return {
    address,
    port,
    request,
    send(message, peer) {
      stampVia(message, address, port);
      transmit(encode(message), peer);
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const client of clients.values()) client.abandon();
      for (const answer of answers.values()) clearTimeout(answer.timer);
      socket.close();
      await once(socket, 'close');
    },
  };
}

function stampVia(message: SipRequest, host: string, port: number): string {
  const branch = `z9hG4bK${randomBytes(9).toString('hex')}`;
  message.headers.via = [{ version: '2.0', protocol: 'UDP', host, port, params: { branch, rport: null } }];
  return branch;
}

/** The ACK of a refused INVITE belongs to its transaction: same branch, the answer's To (RFC 3261, 17.1.1.3). */
function acknowledgeRefusal(invite: SipRequest, response: SipResponse): SipRequest {
  return {
    method: 'ACK',
    uri: invite.uri,
    headers: {
      via: invite.headers.via,
      from: invite.headers.from,
      to: response.headers.to,
      'call-id': invite.headers['call-id'],
      cseq: { seq: invite.headers.cseq.seq, method: 'ACK' },
      'max-forwards': '70',
    },
  };
}

function encode(message: SipRequest | SipResponse): Buffer {
  return Buffer.from(sip.stringify(message), 'latin1');
}
