import type { Logger } from './log.ts';

/** The three roles of the one program. */
export const ROLE_NAMES = ['web', 'dialer', 'worker'] as const;
export type RoleName = (typeof ROLE_NAMES)[number];

/** Plain values a role is started with; only the composition root reads the environment. */
export interface RoleContext {
  role: RoleName;
  version: string;
  databaseUrl: string;
  redisUrl: string;
  /** The floor this process serves. */
  floorId: string;
  /** Absolute folder for uploads and error files. */
  dataDir: string;
  /** Ed25519 key (PEM) that signs the history's heads, or null for one of our own under `dataDir`. */
  historyKeyFile: string | null;
  /** How long the record of every pacer's decisions is kept. */
  pacingRecordDays: number;
  /** Absolute folder for what can be made again. */
  runtimeDir: string;
  /** Demo accounts may exist: no bind but loopback. */
  demo: boolean;
  http: {
    bind: string;
    /** 0 lets the system choose. */
    port: number;
    /** Origin that browsers see, without a path. */
    publicUrl: string;
    /** Paths of PEM files, or null for plain HTTP. */
    tls: { certPath: string; keyPath: string } | null;
    /** Addresses and networks of reverse proxies, or `loopback`; none: the other end of a connection is the caller. */
    trustedProxies: readonly string[];
  };
  /** The switch's SIP: its WebSocket for browser stations, host and UDP port for phones. */
  sip: { wsUrl: string; host: string; port: number };
  /** Address media is bound to. */
  mediaAddress: string;
  ari: { url: string; user: string; password: string };
  /** The manager interface, where it may be used. */
  ami: { host: string; port: number; user: string; secret: string } | null;
  /** The trunks of the switch, and how each wants its numbers written (see `telephony/numbers.ts`). */
  trunks: readonly {
    name: string;
    number: {
      form: 'plus' | 'digits' | 'zeros' | 'national';
      countryCode?: string | undefined;
      nationalPrefix: string;
      prefix: string;
    };
  }[];
  /** The switch's event record (CEL), where it lies on this machine. */
  recordFile: string | null;
  /** How long, and how much of it, is kept. */
  recordKeep: { days: number; megabytes: number };
  secrets: {
    /** Key from which the stations' SIP secrets are derived. */
    station: string;
  };
  log: Logger;
}

/** A started role; `stop` finishes or hands back what is under way. */
export interface RunningRole {
  stop(): Promise<void>;
}
