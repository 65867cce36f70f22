import { randomBytes } from 'node:crypto';
import sip, { type SipAddress, type SipRequest, type SipResponse } from 'sip';
import digest from 'sip/digest.js';
import { PhoneCall } from './call.ts';
import { openSignalling, type Peer, type Respond, type Signalling } from './signalling.ts';

/** A SIP account as a station has it: `host` and `port` are where it registers, over UDP. */
export interface PhoneAccount {
  user: string;
  secret: string;
  domain: string;
  host: string;
  port: number;
}

/** What the phone does when it rings: a headset picks up at once, `never` lets it ring, `busy` refuses. */
export type Answering = 'auto' | 'never' | 'busy';

/** The registrar refused: wrong secret, unknown account. */
export class RegistrationRefused extends Error {
  readonly status: number;
  constructor(status: number, reason: string) {
    super(`registration refused with ${status} ${reason}`);
    this.name = 'RegistrationRefused';
    this.status = status;
  }
}

const EXPIRES_S = 60;
/** A registration is renewed well before it ends, so that a switch that was restarted soon knows the phone again. */
const RENEW_MS = 5_000;

/** A small SIP phone over UDP: registers with digest, takes calls, speaks G.711. Whoever opens it closes it. */
export class Phone {
  answering: Answering = 'auto';
  /** Calls that come in from now on carry next to no sound: for measurements of signalling. */
  quiet = false;
  readonly calls = new Map<string, PhoneCall>();
  /** Registrations that were refused or got no answer since the first one. */
  renewalsMissed = 0;
  readonly #listeners = new Set<(call: PhoneCall) => void>();
  readonly #account: PhoneAccount | null;
  readonly #digest: object = {};
  #signalling: Signalling | null = null;
  #renewal: NodeJS.Timeout | undefined;
  #registerCallId = randomBytes(12).toString('hex');
  #registerSequence = 0;
  #closed = false;

  private constructor(account: PhoneAccount | null) {
    this.#account = account;
  }

  /** Opens a phone on a free port of `address`. Without an account it can call and be called directly, but not register. */
  static async open(account: PhoneAccount | null, address = '127.0.0.1'): Promise<Phone> {
    const phone = new Phone(account);
    phone.#signalling = await openSignalling(address, (request, peer, respond) => phone.#receive(request, peer, respond));
    return phone;
  }

  /** Where this phone can be called directly, without a registrar. */
  get uri(): string {
    const { address, port } = this.#wire();
    return `sip:${this.#account?.user ?? 'phone'}@${address}:${port}`;
  }

  /** Called with each call, when it begins to ring or was placed; returns how to stop listening. */
  onCall(listener: (call: PhoneCall) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next call to reach this phone. */
  nextCall(): Promise<PhoneCall> {
    return new Promise((resolve) => {
      const stop = this.onCall((call) => {
        stop();
        resolve(call);
      });
    });
  }

  /** Registers, and keeps doing so until `close`. Rejects with `RegistrationRefused` or `SipSilence` when the first try fails. */
  async register(): Promise<void> {
    await this.#registerOnce(EXPIRES_S);
    this.#renewSoon();
  }

  /** Calls a URI of the form `sip:user@address:port`; resolves when it is accepted. `number`: the caller's, as a carrier would write it. */
  async call(uri: string, number: string | null = null): Promise<PhoneCall> {
    const to = sip.parseUri(uri);
    if (to === undefined) throw new Error(`${uri} is no SIP address`);
    const own = this.#account === null ? this.uri : this.#identity(this.#account);
    const from: SipAddress = { uri: number === null ? own : own.replace(/^sip:[^@]*/, `sip:${number}`), params: {} };
    const call = await PhoneCall.outgoing(this.#wire(), from, this.#contact(), uri, { address: to.host, port: to.port || 5060 });
    this.#keep(call);
    return call;
  }

  /** Ends every call, takes the registration back and frees the ports. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#renewal);
    await Promise.all([...this.calls.values()].map((call) => call.hangUp()));
    if (this.#registerSequence > 0) {
      await this.#registerOnce(0).catch(() => {
        // The registrar will forget the phone by itself.
      });
    }
    await this.#wire().close();
  }

  #renewSoon(): void {
    if (this.#closed) return;
    this.#renewal = setTimeout(() => {
      this.#registerOnce(EXPIRES_S)
        .catch(() => this.renewalsMissed++)
        .finally(() => this.#renewSoon());
    }, RENEW_MS);
    this.#renewal.unref();
  }

  async #registerOnce(expiresS: number): Promise<void> {
    const account = this.#account;
    if (account === null) throw new Error('a phone without an account cannot register');
    const peer = { address: account.host, port: account.port };
    const first = await this.#wire().request(this.#registration(account, expiresS), peer);
    const answer =
      first.status === 401 || first.status === 407 ? await this.#registerSigned(account, expiresS, first, peer) : first;
    if (answer.status >= 300) throw new RegistrationRefused(answer.status, answer.reason);
  }

  #registerSigned(account: PhoneAccount, expiresS: number, challenge: SipResponse, peer: Peer): Promise<SipResponse> {
    const request = this.#registration(account, expiresS);
    digest.signRequest(this.#digest, request, challenge, { user: account.user, password: account.secret });
    return this.#wire().request(request, peer);
  }

  #registration(account: PhoneAccount, expiresS: number): SipRequest {
    this.#registerSequence++;
    const identity = this.#identity(account);
    return {
      method: 'REGISTER',
      uri: `sip:${account.host}:${account.port}`,
      headers: {
        via: [],
        'max-forwards': '70',
        from: { uri: identity, params: { tag: randomBytes(6).toString('hex') } },
        to: { uri: identity, params: {} },
        'call-id': this.#registerCallId,
        cseq: { seq: this.#registerSequence, method: 'REGISTER' },
        contact: [this.#contact()],
        expires: String(expiresS),
      },
    };
  }

  #receive(request: SipRequest, peer: Peer, respond: Respond): void {
    const call = this.calls.get(request.headers['call-id']);
    if (call !== undefined) {
      void call.receive(request, respond);
      return;
    }
    if (request.method === 'INVITE') {
      void this.#ring(request, peer, respond);
      return;
    }
    if (request.method === 'ACK') return;
    const known = request.method === 'OPTIONS' || request.method === 'NOTIFY';
    respond(known ? sip.makeResponse(request, 200, 'OK') : sip.makeResponse(request, 481, 'Call/Transaction Does Not Exist'));
  }

  async #ring(request: SipRequest, peer: Peer, respond: Respond): Promise<void> {
    respond(sip.makeResponse(request, 100, 'Trying'));
    const call = await PhoneCall.incoming(this.#wire(), request, peer, this.#contact(), respond, this.quiet);
    this.#keep(call);
    if (this.answering === 'auto') call.answer();
    if (this.answering === 'busy') await call.refuse(486, 'Busy Here');
  }

  #keep(call: PhoneCall): void {
    this.calls.set(call.id, call);
    void call.ended.then(() => this.calls.delete(call.id));
    for (const listener of this.#listeners) listener(call);
  }

  #identity(account: PhoneAccount): string {
    return `sip:${account.user}@${account.domain}`;
  }

  #contact(): SipAddress {
    return { uri: this.uri, params: {} };
  }

  #wire(): Signalling {
    if (this.#signalling === null) throw new Error('the phone is not open');
    return this.#signalling;
  }
}
