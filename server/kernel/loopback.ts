const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\])$/;

/** Whether a host or a bind address is this machine seen from itself alone. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
