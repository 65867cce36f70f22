/** The port to a telephone switch, on Asterisk 22 through ARI. */
import type { Logger } from '../../kernel/log.ts';
import { SwitchFault, unlessGone } from '../faults.ts';
import type {
  AgentLeg,
  AnsweredNumber,
  DebtorLeg,
  DemoCaller,
  InboundPart,
  LiveLeg,
  OriginateReply,
  StationAccount,
  Switch,
  SwitchEvent,
  TestLeg,
} from '../port.ts';
import type { SoundLanguage } from '../sounds.ts';
import { type TrunkSettings, trunkEndpoint } from '../trunk.ts';
import { AnsweredNumbers } from './answered-numbers.ts';
import { createRecentKeys, eventKey, legEvent, readCalledIn, readEvent, WANTED_EVENTS } from './events.ts';
import {
  applicationAnswer,
  bridgesAnswer,
  channelsAnswer,
  endpointAnswer,
  endpointsAnswer,
  storedRecordingsAnswer,
} from './answers.ts';
import { fileOfVoicemail, legOfVoicemail, waitsFor } from './inbound.ts';
import { agentOriginate, debtorOriginate, demoCallerOriginate, testOriginate, type Originate } from './originate.ts';
import { readRecord } from './record.ts';
import { Link } from './link.ts';
import { fetchFile, pingSwitch, type RestOptions } from './rest.ts';
import { stationObjects } from './stations.ts';
import { DEMO_CARRIER } from './trunks.ts';

export interface AsteriskSwitchOptions {
  /** ARI's address without path, e.g. http://127.0.0.1:8088. */
  url: string;
  user: string;
  password: string;
  application: string;
  trunks: readonly Pick<TrunkSettings, 'name' | 'number'>[];
  /** Where Asterisk writes its record, or null where it cannot be read from here. */
  recordFile: string | null;
  /** As in Asterisk's own configuration; loopback when not given. */
  mediaAddress?: string;
  log?: Pick<Logger, 'info' | 'warn'>;
  replyLimitMs?: number;
  pingEveryMs?: number;
  silenceLimitMs?: number;
}

export interface AsteriskSwitch extends Switch {
  /** Events of the outside that were set aside, since the start. */
  setAside(): { unknown: number; duplicate: number };
}

/** A switch that is not yet connected: `open` connects it and keeps it connected, `close` ends it; both belong to the caller. */
export function createAsteriskSwitch(options: AsteriskSwitchOptions): AsteriskSwitch {
  return new AriSwitch(options);
}

class AriSwitch implements AsteriskSwitch {
  readonly application: string;
  readonly #options: AsteriskSwitchOptions;
  readonly #access: RestOptions;
  readonly #link: Link;
  readonly #listeners = new Set<(event: SwitchEvent) => void>();
  /** Written anew into an Asterisk that was restarted: it keeps them in memory. */
  readonly #stations = new Map<string, StationAccount>();
  readonly #answered: AnsweredNumbers;
  readonly #recent = createRecentKeys();
  readonly #aside = { unknown: 0, duplicate: 0 };
  /** Events that came before `switch.connected` was told; null once it was. */
  #held: SwitchEvent[] | null = [];

  constructor(options: AsteriskSwitchOptions) {
    this.#options = options;
    this.application = options.application;
    this.#answered = new AnsweredNumbers(options.trunks, options.application, (variable, value) =>
      this.#post('asterisk/variable', { variable, value }),
    );
    const { user, password } = options;
    this.#access = { url: options.url.replace(/\/$/, ''), user, password, replyLimitMs: options.replyLimitMs ?? 3_000 };
    this.#link = new Link({
      ...this.#access,
      application: options.application,
      pingEveryMs: options.pingEveryMs ?? 500,
      silenceLimitMs: options.silenceLimitMs ?? 3_000,
      log: options.log ?? null,
      prepare: () => this.#prepare(),
      onMessage: (message) => this.#receive(message),
      onConnected: () => this.#release(),
      onLost: () => {
        this.#held = [];
        this.#tell({ type: 'switch.lost' });
      },
    });
  }

  setAside(): { unknown: number; duplicate: number } {
    return { ...this.#aside };
  }

  silenceMs(): number {
    return this.#link.silenceMs();
  }

  subscribe(listener: (event: SwitchEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(): Promise<void> {
    return this.#link.open();
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async callDebtor(leg: DebtorLeg): Promise<OriginateReply> {
    const trunk = this.#options.trunks.find((known) => known.name === leg.trunk);
    if (trunk === undefined) return { outcome: 'refused', reason: 'unknown trunk' };
    return this.#originate(() => debtorOriginate(leg, trunk.number, this.application));
  }

  async callToTest(leg: TestLeg): Promise<OriginateReply> {
    const trunk = this.#options.trunks.find((known) => known.name === leg.trunk);
    if (trunk === undefined) return { outcome: 'refused', reason: 'unknown trunk' };
    return this.#originate(() => testOriginate(leg, trunk.number));
  }

  async callAsDebtor(caller: DemoCaller): Promise<OriginateReply> {
    const trunk = this.#options.trunks.find((known) => known.name === caller.trunk);
    if (trunk === undefined) return { outcome: 'refused', reason: 'unknown trunk' };
    return this.#originate(() => demoCallerOriginate(caller, trunk.number));
  }

  callAgent(leg: AgentLeg): Promise<OriginateReply> {
    return this.#originate(() => agentOriginate(leg, this.application));
  }

  async disarm(legId: string): Promise<void> {
    await this.#setVariable(legId, 'TIMEOUT(absolute)', '0');
  }

  async hangUp(legId: string): Promise<void> {
    await unlessGone(this.#delete(`channels/${legId}`));
  }

  async createBridge(bridgeId: string): Promise<void> {
    try {
      await this.#post(`bridges/${bridgeId}`, { type: 'mixing,dtmf_events' });
    } catch (error) {
      // It stands since before a restart of ours.
      if (!(error instanceof SwitchFault && /already exists/i.test(error.message))) throw error;
    }
    await this.#subscribeTo(`bridge:${bridgeId}`);
  }

  async destroyBridge(bridgeId: string): Promise<void> {
    await unlessGone(this.#delete(`bridges/${bridgeId}`));
  }

  async join(bridgeId: string, legId: string): Promise<void> {
    await this.#post(`bridges/${bridgeId}/addChannel`, { channel: legId });
  }

  async part(bridgeId: string, legId: string): Promise<void> {
    await unlessGone(this.#post(`bridges/${bridgeId}/removeChannel`, { channel: legId }));
  }

  async renewSound(legId: string): Promise<void> {
    await unlessGone(this.#post(`channels/${legId}/silence`));
    await unlessGone(this.#delete(`channels/${legId}/silence`));
  }

  async answerNumbers(numbers: readonly AnsweredNumber[]): Promise<void> {
    await this.#answered.change(numbers);
  }

  async takeIn(legId: string, { limitMs, language }: { limitMs: number; language: SoundLanguage | null }): Promise<void> {
    if (language !== null) await this.#setVariable(legId, 'CHANNEL(language)', language);
    await this.#setVariable(legId, 'TIMEOUT(absolute)', (limitMs / 1_000).toFixed(3));
  }

  async serveInbound(legId: string, part: InboundPart): Promise<void> {
    await this.#post(`channels/${legId}/continue`, { context: 'inbound', extension: part, priority: 1 });
  }

  async voicemailOf(legId: string): Promise<Buffer | null> {
    return fetchFile(this.#access, `recordings/stored/${fileOfVoicemail(legId)}/file`);
  }

  async voicemails(): Promise<string[]> {
    const stored = storedRecordingsAnswer.parse(await this.#get('recordings/stored'));
    return stored.flatMap(({ name }) => legOfVoicemail(name) ?? []);
  }

  async dropVoicemail(legId: string): Promise<void> {
    try {
      await this.#delete(`recordings/stored/${fileOfVoicemail(legId)}`);
    } catch (error) {
      // There is none any more.
      if (!(error instanceof SwitchFault && /not found/i.test(error.message))) throw error;
    }
  }

  async startMusic(legId: string): Promise<void> {
    await this.#post(`channels/${legId}/moh`);
  }

  async stopMusic(legId: string): Promise<void> {
    await unlessGone(this.#delete(`channels/${legId}/moh`));
  }

  async play(legId: string, sound: string | readonly string[], playbackId: string): Promise<void> {
    const media = [sound].flat().map((each) => `sound:${each}`);
    await this.#post(`channels/${legId}/play/${playbackId}`, { media: media.join(',') });
  }

  async stopPlaying(playbackId: string): Promise<void> {
    try {
      await this.#delete(`playbacks/${playbackId}`);
    } catch (error) {
      // It is over already.
      if (!(error instanceof SwitchFault && /not found/i.test(error.message))) throw error;
    }
  }

  async sendDigits(legId: string, digits: string): Promise<void> {
    await this.#post(`channels/${legId}/dtmf`, { dtmf: digits });
  }

  async sayMessage(legId: string): Promise<void> {
    await this.#post(`channels/${legId}/continue`, { context: 'debtor', extension: 'message', priority: 1 });
  }

  async adopt(legId: string): Promise<void> {
    await this.#subscribeTo(`channel:${legId}`);
    // News of bridges goes to the application that was given the leg: unless asked for, the former one.
    const bridge = (await this.liveBridges()).find(({ legIds }) => legIds.includes(legId));
    if (bridge !== undefined) await this.#subscribeTo(`bridge:${bridge.bridgeId}`);
  }

  async provisionStation(account: StationAccount): Promise<void> {
    this.#stations.set(account.stationId, account);
    await this.#writeStation(account);
  }

  async stationReachable(stationId: string): Promise<boolean> {
    try {
      return endpointAnswer.parse(await this.#get(`endpoints/PJSIP/${stationId}`)).state === 'online';
    } catch (error) {
      if (error instanceof SwitchFault && error.code === 'refused') return false;
      throw error;
    }
  }

  async liveLegs(): Promise<LiveLeg[]> {
    const [channels, bridges, application] = await Promise.all([
      this.#get('channels').then((answer) => channelsAnswer.parse(answer)),
      this.liveBridges(),
      this.#get(`applications/${this.application}`).then((answer) => applicationAnswer.parse(answer)),
    ]);
    const controlled = new Set(application.channel_ids);
    // The demo carrier's own side of a call is not ours: it is the debtor's telephone.
    return channels
      .filter((channel) => !channel.name.startsWith(`PJSIP/${DEMO_CARRIER}-`))
      .map((channel) => ({
        legId: channel.id,
        state: channel.state === 'Up' ? 'up' : channel.state === 'Ringing' || channel.state === 'Ring' ? 'ringing' : 'down',
        controlled: controlled.has(channel.id),
        bridgeId: bridges.find((bridge) => bridge.legIds.includes(channel.id))?.bridgeId ?? null,
        createdMs: Date.parse(channel.creationtime),
        inbound: waitsFor(channel.dialplan),
      }));
  }

  async liveBridges(): Promise<{ bridgeId: string; legIds: string[] }[]> {
    const bridges = bridgesAnswer.parse(await this.#get('bridges'));
    return bridges.map((bridge) => ({ bridgeId: bridge.id, legIds: bridge.channels }));
  }

  async recorded(sinceMs: number): Promise<Awaited<ReturnType<Switch['recorded']>>> {
    return this.#options.recordFile === null ? [] : readRecord(this.#options.recordFile, sinceMs);
  }

  async clockMs(): Promise<number> {
    const nowMs = await pingSwitch(this.#access);
    if (nowMs === null) throw new SwitchFault('no_reply', 'no answer in time');
    return nowMs;
  }

  async #originate(write: () => Originate): Promise<OriginateReply> {
    // A call whose news nobody would hear is not made.
    if (!this.#link.connected) return { outcome: 'refused', reason: 'not connected' };
    let parameters: Originate;
    try {
      parameters = write();
    } catch (error) {
      return { outcome: 'refused', reason: error instanceof Error ? error.message : 'not dialable' };
    }
    try {
      await this.#link.ask({ method: 'POST', path: 'channels', body: parameters });
      return { outcome: 'accepted' };
    } catch (error) {
      if (!(error instanceof SwitchFault)) throw error;
      // An id that is taken: this very originate may have been made before.
      const doubtful = error.code === 'no_reply' || /already exists/i.test(error.message);
      return { outcome: doubtful ? 'unknown' : 'refused', reason: error.message };
    }
  }

  async #prepare(): Promise<void> {
    // Without the last, answers to requests over the event socket would be held back too.
    const filter = { allowed: [...WANTED_EVENTS, 'RESTResponse'].map((type) => ({ type })) };
    await this.#link.ask({ method: 'PUT', path: `applications/${this.application}/eventFilter`, body: filter });
    // Without it a trunk's leg would be silent until it is answered and handed over.
    for (const trunk of this.#options.trunks) await this.#subscribeTo(`endpoint:PJSIP/${trunkEndpoint(trunk.name)}`);
    await this.#answered.writeAnew();
    const known = new Set(endpointsAnswer.parse(await this.#get('endpoints')).map((endpoint) => endpoint.resource));
    for (const [stationId, account] of this.#stations) if (!known.has(stationId)) await this.#writeStation(account);
  }

  /** A station test needs nothing of us: the dialplan plays the prompt and the echo. */
  async #echo(legId: string): Promise<void> {
    try {
      await unlessGone(this.#post(`channels/${legId}/continue`, { context: 'echo-test', extension: 's', priority: 1 }));
    } catch (error) {
      this.#options.log?.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'the station test did not begin');
    }
  }

  async #subscribeTo(eventSource: string): Promise<void> {
    await this.#post(`applications/${this.application}/subscription`, { eventSource });
  }

  async #writeStation(account: StationAccount): Promise<void> {
    for (const { objectType, fields } of stationObjects(account, this.#options.mediaAddress ?? '127.0.0.1')) {
      const path = `asterisk/config/dynamic/res_pjsip/${objectType}/${account.stationId}`;
      await this.#link.ask({ method: 'PUT', path, body: { fields } });
    }
  }

  async #setVariable(legId: string, variable: string, value: string): Promise<void> {
    await this.#post(`channels/${legId}/variable`, { variable, value });
  }

  #get(path: string): Promise<unknown> {
    return this.#link.ask({ method: 'GET', path });
  }

  #post(path: string, query?: Record<string, string | number>): Promise<unknown> {
    return this.#link.ask({ method: 'POST', path, ...(query && { query }) });
  }

  #delete(path: string): Promise<unknown> {
    return this.#link.ask({ method: 'DELETE', path });
  }

  #receive(message: unknown): void {
    const event = readEvent(message);
    if (event === null) {
      this.#aside.unknown += 1;
      return;
    }
    if (event.type === 'ApplicationReplaced') {
      this.#link.end();
      this.#tell({ type: 'switch.replaced' });
      return;
    }
    const calledIn = readCalledIn(event);
    const news = calledIn === null ? legEvent(event) : this.#answered.called(calledIn);
    if (news === null) return;
    if (this.#recent.seen(eventKey(news))) {
      this.#aside.duplicate += 1;
      return;
    }
    if (news.type === 'leg.entered' && news.purpose === 'echo') void this.#echo(news.legId);
    if (this.#held === null) this.#tell(news);
    else this.#held.push(news);
  }

  /** What happened while the connection was being prepared comes after the news of the connection. */
  #release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    this.#tell({ type: 'switch.connected' });
    for (const event of held) this.#tell(event);
  }

  #tell(event: SwitchEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
