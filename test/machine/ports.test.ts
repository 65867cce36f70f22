import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { choosePort, choosePortRange } from '../../server/machine/ports.ts';

describe('a port', () => {
  it('is the preferred one while it is free', async () => {
    const free = await choosePort(null, 'both');
    expect(await choosePort(free, 'both')).toBe(free);
  });

  it('is another one when the preferred one is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const chosen = await choosePort(port, 'tcp');
    expect(chosen).not.toBe(port);
    expect(chosen).toBeGreaterThan(1_024);
    server.close();
  });

  it('is none that is spoken for', async () => {
    const free = await choosePort(null, 'tcp');
    expect(await choosePort(free, 'tcp', new Set([free]))).not.toBe(free);
  });

  it('for voice is one of a row of free ones, beginning with an even one', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const range = await choosePortRange(40, port - (port % 2));
    expect(range.from % 2).toBe(0);
    expect(range.to - range.from).toBe(39);
    expect(port < range.from || port > range.to).toBe(true);
    socket.close();
  });
});
