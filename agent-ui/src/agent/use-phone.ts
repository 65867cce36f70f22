import { useEffect, useEffectEvent, useState, useSyncExternalStore } from 'react';
import { stationAccount, type Me, type StationAccountBody } from '../../../server/contract/people.ts';
import type { DeskModel } from '../connection/desk-model.ts';
import type { DeskStore } from '../connection/desk-store.ts';
import { ask } from '../connection/http.ts';
import { PHONE_OFF, type Phone, type PhoneState } from '../softphone/phone.ts';

const ACCOUNT_AGAIN_MS = 2_000;
/** How long the switch may take to call a station back by itself before the page asks for it (again). */
const REATTACH_AFTER_MS = 600;
const REATTACH_AGAIN_MS = 3_000;

function fetchAccount(): Promise<StationAccountBody> {
  return ask('GET', '/station', stationAccount);
}

/** The page's softphone, registered while this tab holds the desk; null at a station that is no browser. */
export function usePhone(me: Me, model: DeskModel): { phone: Phone | null; phoneState: PhoneState } {
  const [phone, setPhone] = useState<Phone | null>(null);
  const wanted = me.stationKind === 'browser' && model.claim === 'mine';

  useEffect(() => {
    if (!wanted) return;
    let left = false;
    let made: Phone | null = null;
    let timer: ReturnType<typeof setTimeout> | null = null;
    async function start(): Promise<void> {
      try {
        // The SIP library is fetched only where the browser is the station.
        const [{ createJsSipPhone }, account] = await Promise.all([import('../softphone/jssip-phone.ts'), fetchAccount()]);
        if (left) return;
        made = createJsSipPhone({ renew: fetchAccount });
        made.start(account);
        setPhone(made);
      } catch {
        if (!left) timer = setTimeout(() => void start(), ACCOUNT_AGAIN_MS);
      }
    }
    void start();
    return () => {
      left = true;
      if (timer !== null) clearTimeout(timer);
      made?.stop();
      setPhone(null);
    };
  }, [wanted]);

  const phoneState = useSyncExternalStore(
    (listener) => phone?.subscribe(listener) ?? (() => undefined),
    () => phone?.get() ?? PHONE_OFF,
  );
  return { phone, phoneState };
}

/**
 * Keeps the station at work: asks the server to call back a leg that this page does not have (it was loaded anew, the switch
 * restarted), takes the call's mute from the desk, and watches the sound while a debtor is bridged.
 */
export function useStationAtWork(
  store: DeskStore,
  model: DeskModel,
  phone: Phone | null,
  phoneState: PhoneState,
  browser: boolean,
): void {
  const { desk, claim, link } = model;
  const atWork = desk !== null && desk.state !== 'offline' && desk.state !== 'connecting' && claim === 'mine' && link === 'open';
  const legMissing = atWork && (browser ? phoneState.registration === 'registered' && !phoneState.inCall : !desk.legUp);

  useEffect(() => {
    if (!legMissing) return;
    let timer = setTimeout(wish, REATTACH_AFTER_MS);
    function wish(): void {
      void store.send({ type: 'reattach' });
      timer = setTimeout(wish, REATTACH_AGAIN_MS);
    }
    return () => clearTimeout(timer);
  }, [legMissing, store]);

  const attemptId = desk?.state === 'talking' ? (desk.call?.attemptId ?? null) : null;
  const mutedThere = desk?.call?.muted ?? false;
  // Every call begins unmuted; one that goes on after a reload is as it was.
  const takeMute = useEffectEvent(() => phone?.mute(attemptId !== null && mutedThere));
  useEffect(() => takeMute(), [attemptId, phone]);

  const bridged = desk?.call?.phase === 'talking' && desk.state === 'talking';
  useEffect(() => phone?.watch(bridged), [phone, bridged]);
}
