import { callerNumber } from '../numbers.ts';
import type { AnsweredNumber, SwitchEvent } from '../port.ts';
import { type TrunkSettings, trunkEndpoint } from '../trunk.ts';
import type { CalledIn } from './events.ts';
import { numberCalled, switchVariables } from './inbound.ts';

/** The numbers that the switch hands to our application, as it was told them last. */
export class AnsweredNumbers {
  readonly #trunks: readonly Pick<TrunkSettings, 'name' | 'number'>[];
  readonly #application: string;
  readonly #set: (variable: string, value: string) => Promise<unknown>;
  #numbers: readonly AnsweredNumber[] = [];
  /** Variables of the switch as it has them. */
  #written = new Map<string, string>();

  /** `set` writes one variable of the whole switch. */
  constructor(
    trunks: readonly Pick<TrunkSettings, 'name' | 'number'>[],
    application: string,
    set: (variable: string, value: string) => Promise<unknown>,
  ) {
    this.#trunks = trunks;
    this.#application = application;
    this.#set = set;
  }

  /** Answers these numbers from now on, and no others. */
  async change(numbers: readonly AnsweredNumber[]): Promise<void> {
    this.#numbers = numbers;
    await this.#write();
  }

  /** All anew: an Asterisk that was restarted has forgotten them. */
  async writeAnew(): Promise<void> {
    this.#written.clear();
    await this.#write();
  }

  /** Somebody has called one of them. Whose numbers these are is written the way of the trunk. */
  called({ legId, stampMs, endpoint, number, called }: CalledIn): SwitchEvent & { type: 'leg.called' } {
    const trunk = this.#trunks.find(({ name }) => trunkEndpoint(name) === endpoint);
    const caller = {
      number: trunk === undefined ? null : callerNumber(number, trunk.number),
      called: numberCalled(this.#numbers, this.#trunks, called) ?? `+${called}`,
      trunk: trunk?.name ?? '',
    };
    return { type: 'leg.called', legId, stampMs, caller };
  }

  /** Only what has changed is written; what is not answered any more is emptied. */
  async #write(): Promise<void> {
    const wanted = switchVariables(this.#numbers, this.#trunks, this.#application);
    for (const name of this.#written.keys()) if (!wanted.has(name)) wanted.set(name, '');
    for (const [variable, value] of wanted) {
      if (this.#written.get(variable) === value) continue;
      await this.#set(variable, value);
      this.#written.set(variable, value);
    }
  }
}
