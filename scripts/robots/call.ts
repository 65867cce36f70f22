import { randomBytes } from 'node:crypto';
import sip, { type SipAddress, type SipRequest, type SipResponse } from 'sip';
import { openMedia, type Media } from './media.ts';
import { answerSound, offerSound, readSound, type RemoteSound } from './sdp.ts';
import { FIRST_REPEAT_MS, LONGEST_REPEAT_MS, type Peer, type Respond, type Signalling } from './signalling.ts';
import type { Key, Tone } from './sound.ts';

export type CallState = 'ringing' | 'up' | 'ended';
export type CallEnd = 'hung_up' | 'far_end' | 'cancelled' | 'refused' | 'unacknowledged' | 'closed';

/** Who speaks with whom in a dialog (RFC 3261, section 12). */
export interface Dialog {
  callId: string;
  local: SipAddress;
  remote: SipAddress;
  /** Where requests within the dialog are addressed. */
  target: string;
  contact: SipAddress;
  peer: Peer;
  sequence: number;
}

/** How long an accepted call waits for its ACK. */
const ACKNOWLEDGE_WITHIN_MS = 32_000;

/** One call of a phone: its dialog and its sound. Owned by the phone, which closes it. */
export class PhoneCall {
  readonly id: string;
  /** Resolves when sound may flow both ways; never, when the call ends before. */
  readonly up: Promise<void>;
  readonly ended: Promise<CallEnd>;
  state: CallState = 'ringing';
  /** Re-INVITEs and UPDATEs taken since the call began. */
  changes = 0;
  readonly #signalling: Signalling;
  readonly #media: Media;
  readonly #dialog: Dialog;
  readonly #up = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<CallEnd>();
  #version = 1;
  #invite: { request: SipRequest; respond: Respond } | null = null;
  #repeat: NodeJS.Timeout | undefined;

  private constructor(signalling: Signalling, media: Media, dialog: Dialog) {
    this.#signalling = signalling;
    this.#media = media;
    this.#dialog = dialog;
    this.id = dialog.callId;
    this.up = this.#up.promise;
    this.ended = this.#ended.promise;
  }

  /** A call that came in; it rings until `answer`. */
  static async incoming(
    signalling: Signalling,
    invite: SipRequest,
    peer: Peer,
    contact: SipAddress,
    respond: Respond,
    quiet: boolean,
  ): Promise<PhoneCall> {
    const media = await openMedia(signalling.address, quiet);
    const local = { ...invite.headers.to, params: { ...invite.headers.to.params, tag: tag() } };
    const call = new PhoneCall(signalling, media, {
      callId: invite.headers['call-id'],
      local,
      remote: invite.headers.from,
      target: invite.headers.contact?.[0]?.uri ?? invite.headers.from.uri,
      contact,
      peer,
      sequence: 1,
    });
    call.#invite = { request: invite, respond };
    call.#respond(invite, respond, 180, 'Ringing');
    return call;
  }

  /** Calls `uri` at `peer`; resolves when accepted. Rejects with an Error naming the status when refused. */
  static async outgoing(
    signalling: Signalling,
    from: SipAddress,
    contact: SipAddress,
    uri: string,
    peer: Peer,
  ): Promise<PhoneCall> {
    const media = await openMedia(signalling.address, false);
    const dialog: Dialog = {
      callId: randomBytes(12).toString('hex'),
      local: { ...from, params: { tag: tag() } },
      remote: { uri, params: {} },
      target: uri,
      contact,
      peer,
      sequence: 0,
    };
    const call = new PhoneCall(signalling, media, dialog);
    const answer = await call.#request('INVITE', offerSound(call.#mediaAddress())).catch(async (fault: unknown) => {
      await media.close();
      throw fault;
    });
    if (answer.status >= 300) {
      await call.#end('refused');
      throw new Error(`refused with ${answer.status} ${answer.reason}`);
    }
    dialog.remote = answer.headers.to;
    dialog.target = answer.headers.contact?.[0]?.uri ?? uri;
    call.#direct(answer.content ?? '');
    signalling.send(call.#compose('ACK', dialog.sequence), peer);
    call.#rise();
    return call;
  }

  /** Accepts a ringing call; does nothing to any other. */
  answer(): void {
    const invite = this.#invite;
    if (this.state !== 'ringing' || invite === null) return;
    this.#accept(invite.request, invite.respond);
  }

  /** Refuses a ringing call. */
  async refuse(status: number, reason: string): Promise<void> {
    if (this.state !== 'ringing' || this.#invite === null) return;
    this.#respond(this.#invite.request, this.#invite.respond, status, reason);
    await this.#end('refused');
  }

  /** Sends a tone from now on, or silence. */
  say(tone: Tone): void {
    this.#media.say(tone);
  }

  /** Holds down a key for a moment, as the far end takes digits. */
  press(key: Key): void {
    this.#media.press(key);
  }

  /** Amplitude (0–1 of full scale) of a tone over the last 200 ms of arrived sound. */
  heard(hertz: number): number {
    return this.#media.heard(hertz);
  }

  /** Resolves once the arriving sound satisfies `condition`; rejects when it has not within `withinMs`. */
  hears(condition: (heard: (hertz: number) => number) => boolean, withinMs = 5_000): Promise<void> {
    return this.#media.hears(condition, withinMs);
  }

  packets(): { sent: number; received: number } {
    return this.#media.packets();
  }

  /** Ends the call; resolves when the far end has confirmed, or is silent. */
  async hangUp(): Promise<void> {
    if (this.state === 'ringing') return this.refuse(486, 'Busy Here');
    if (this.state === 'ended') return;
    await this.#end('hung_up');
    await this.#request('BYE').catch(() => {
      // The call is over on this side whatever the far end says.
    });
  }

  /** Offers the call's sound anew, as a phone does whose codec or address changed. */
  async reinvite(): Promise<void> {
    this.#version++;
    const answer = await this.#request('INVITE', offerSound(this.#mediaAddress()));
    if (answer.status >= 300) throw new Error(`re-INVITE refused with ${answer.status}`);
    this.#direct(answer.content ?? '');
    this.#signalling.send(this.#compose('ACK', this.#dialog.sequence), this.#dialog.peer);
  }

  /** A request of the far end within this call. */
  async receive(request: SipRequest, respond: Respond): Promise<void> {
    switch (request.method) {
      case 'INVITE':
      case 'UPDATE':
        this.changes++;
        this.#version++;
        // An UPDATE without a description only refreshes the session; an INVITE without one asks for our offer.
        if (request.method === 'UPDATE' && (request.content ?? '') === '') return this.#respond(request, respond, 200, 'OK');
        return this.#accept(request, respond);
      case 'ACK':
        clearTimeout(this.#repeat);
        if (request.content !== undefined && request.content !== '') this.#direct(request.content);
        return this.#rise();
      case 'BYE':
        this.#respond(request, respond, 200, 'OK');
        return this.#end('far_end');
      case 'CANCEL':
        this.#respond(request, respond, 200, 'OK');
        if (this.state !== 'ringing' || this.#invite === null) return;
        this.#respond(this.#invite.request, this.#invite.respond, 487, 'Request Terminated');
        return this.#end('cancelled');
      case 'INFO':
      case 'OPTIONS':
      case 'NOTIFY':
        return this.#respond(request, respond, 200, 'OK');
      default:
        return this.#respond(request, respond, 501, 'Not Implemented');
    }
  }

  /** Ends the call without a word to the far end; the phone is going. */
  async close(): Promise<void> {
    await this.#end('closed');
  }

  #accept(request: SipRequest, respond: Respond): void {
    const at = this.#mediaAddress();
    const offer = readSound(request.content ?? '');
    if (offer === null && (request.content ?? '') !== '') {
      this.#respond(request, respond, 488, 'Not Acceptable Here');
      return;
    }
    if (offer !== null) this.#send(offer);
    const body = offer === null ? offerSound(at) : answerSound(at, offer);
    this.#respond(request, respond, 200, 'OK', body);
    if (request.method === 'INVITE') this.#repeatUntilAcknowledged(() => this.#respond(request, respond, 200, 'OK', body));
  }

  /** An accepted INVITE is answered again until its ACK comes (RFC 3261, 13.3.1.4); without one the call is ended. */
  #repeatUntilAcknowledged(again: () => void): void {
    const deadline = performance.now() + ACKNOWLEDGE_WITHIN_MS;
    let wait = FIRST_REPEAT_MS;
    const next = (): void => {
      if (this.state === 'ended') return;
      if (performance.now() > deadline) {
        void this.#end('unacknowledged');
        return;
      }
      again();
      wait = Math.min(wait * 2, LONGEST_REPEAT_MS);
      this.#repeat = setTimeout(next, wait);
    };
    clearTimeout(this.#repeat);
    this.#repeat = setTimeout(next, wait);
  }

  #respond(request: SipRequest, respond: Respond, status: number, reason: string, body?: string): void {
    const response = sip.makeResponse(request, status, reason);
    response.headers.to = {
      ...request.headers.to,
      params: { ...request.headers.to.params, tag: this.#dialog.local.params['tag'] },
    };
    response.headers.contact = [this.#dialog.contact];
    response.headers['allow'] = 'INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO';
    if (body !== undefined) {
      response.headers['content-type'] = 'application/sdp';
      response.content = body;
    }
    respond(response);
  }

  #request(method: string, body?: string): Promise<SipResponse> {
    this.#dialog.sequence++;
    return this.#signalling.request(this.#compose(method, this.#dialog.sequence, body), this.#dialog.peer);
  }

  #compose(method: string, sequence: number, body?: string): SipRequest {
    const { callId, local, remote, target, contact } = this.#dialog;
    return {
      method,
      uri: target,
      headers: {
        via: [],
        'max-forwards': '70',
        from: local,
        to: remote,
        'call-id': callId,
        cseq: { seq: sequence, method },
        contact: [contact],
        ...(body === undefined ? {} : { 'content-type': 'application/sdp' }),
      },
      ...(body === undefined ? {} : { content: body }),
    };
  }

  #direct(sdp: string): void {
    const sound = readSound(sdp);
    if (sound !== null) this.#send(sound);
  }

  #send({ address, port, codec, listens, digitsType }: RemoteSound): void {
    this.#media.direct({ address, port, codec, send: listens, digitsType: digitsType === null ? null : Number(digitsType) });
  }

  #mediaAddress(): { address: string; port: number; version: number } {
    return { address: this.#signalling.address, port: this.#media.port, version: this.#version };
  }

  #rise(): void {
    if (this.state !== 'ringing') return;
    this.state = 'up';
    this.#invite = null;
    this.#up.resolve();
  }

  async #end(how: CallEnd): Promise<void> {
    if (this.state === 'ended') return;
    this.state = 'ended';
    clearTimeout(this.#repeat);
    await this.#media.close();
    this.#ended.resolve(how);
  }
}

function tag(): string {
  return randomBytes(6).toString('hex');
}
