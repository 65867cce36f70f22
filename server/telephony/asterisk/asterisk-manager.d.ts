/** The part of asterisk-manager 0.2 that is used; the package brings no types. */
declare module 'asterisk-manager' {
  interface Answer {
    response?: string;
    message?: string;
    output?: string | string[];
  }
  interface Manager {
    on(event: string, listener: (...values: unknown[]) => void): void;
    action(action: Record<string, string>, callback: (error?: Answer | null, answer?: Answer) => void): void;
    disconnect(callback?: () => void): void;
    isConnected(): boolean;
  }
  function connect(port: number, host: string, user: string, password: string, events: boolean): Manager;
  export default connect;
}
