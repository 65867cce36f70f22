/** What we use of npm `sip`: reading and writing messages, and digest. It ships no types of its own. */
declare module 'sip' {
  export interface SipUri {
    schema: string;
    user?: string;
    host: string;
    port: number;
  }
  export type SipParams = Record<string, string | null | undefined>;
  export interface SipAddress {
    name?: string | undefined;
    uri: string;
    params: SipParams;
  }
  export interface SipVia {
    version?: string;
    protocol: string;
    host: string;
    port?: number;
    params: SipParams;
  }
  export interface SipHeaders {
    via: SipVia[];
    to: SipAddress;
    from: SipAddress;
    cseq: { seq: number; method: string };
    'call-id': string;
    contact?: SipAddress[];
    expires?: string;
    'content-type'?: string;
    'www-authenticate'?: object[];
    'proxy-authenticate'?: object[];
    [name: string]: unknown;
  }
  export interface SipRequest {
    method: string;
    uri: string;
    headers: SipHeaders;
    content?: string;
  }
  export interface SipResponse {
    status: number;
    reason: string;
    headers: SipHeaders;
    content?: string;
  }
  interface Sip {
    /** Undefined when the datagram is no SIP message. */
    parse(datagram: Buffer): SipRequest | SipResponse | undefined;
    /** A text of single-byte characters: send it as latin1. */
    stringify(message: SipRequest | SipResponse): string;
    makeResponse(request: SipRequest, status: number, reason: string): SipResponse;
    parseUri(uri: string): SipUri | undefined;
  }
  const sip: Sip;
  export default sip;
}

declare module 'sip/digest.js' {
  import type { SipRequest, SipResponse } from 'sip';
  interface Digest {
    /** Adds the answer to a 401 or 407 to `request`, keeping the nonce in `context` for later requests. */
    signRequest(
      context: object,
      request: SipRequest,
      challenge: SipResponse | null,
      credentials: { user: string; password: string },
    ): unknown;
  }
  const digest: Digest;
  export default digest;
}
