/** Failed sign-ins that one name may have in a window before it has to wait. */
const FAILURES_PER_LOGIN = 10;
/** The same for one address, behind which a whole office may sit. */
const FAILURES_PER_ADDRESS = 50;
const WINDOW_MS = 15 * 60_000;
/** Beyond this many keys the oldest are forgotten, so that an attacker cannot fill the memory. */
const MOST_KEYS = 20_000;

/**
 * Counts failed sign-ins by name and by address in this process's memory. Only failures count: forty agents who sign in from one
 * address at eight o'clock are not an attack. A try counts against its name from its beginning, so that many at once are no way
 * around the limit, and is taken back when it was no failure.
 */
export class SignInLimits {
  readonly #failures = new Map<string, { count: number; windowEndsMs: number }>();

  /** Seconds to wait before the next attempt may be made; 0 when it may be made now. */
  waitSeconds(login: string, address: string, nowMs: number): number {
    const waits = [
      this.#waitMs(`login:${login}`, FAILURES_PER_LOGIN, nowMs),
      this.#waitMs(`address:${address}`, FAILURES_PER_ADDRESS, nowMs),
    ];
    return Math.ceil(Math.max(...waits) / 1_000);
  }

  /** Counts a try against its name, before the password is looked at. */
  begin(login: string, nowMs: number): void {
    this.#count(`login:${login}`, nowMs);
  }

  /** The try that began was a failure: it counts against its address too. */
  failed(address: string, nowMs: number): void {
    this.#count(`address:${address}`, nowMs);
  }

  /** The try that began was neither right nor wrong: it does not count. */
  takeBack(login: string): void {
    const entry = this.#failures.get(`login:${login}`);
    if (entry) entry.count -= 1;
  }

  #count(key: string, nowMs: number): void {
    const entry = this.#failures.get(key);
    if (entry && entry.windowEndsMs > nowMs) entry.count += 1;
    else {
      this.#failures.delete(key);
      this.#failures.set(key, { count: 1, windowEndsMs: nowMs + WINDOW_MS });
    }
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const key of this.#failures.keys()) {
      if (this.#failures.size <= MOST_KEYS) break;
      this.#failures.delete(key);
    }
  }

  /** A success clears the name, not the address. */
  succeeded(login: string): void {
    this.#failures.delete(`login:${login}`);
  }

  #waitMs(key: string, limit: number, nowMs: number): number {
    const entry = this.#failures.get(key);
    if (!entry || entry.windowEndsMs <= nowMs || entry.count < limit) return 0;
    return entry.windowEndsMs - nowMs;
  }
}
