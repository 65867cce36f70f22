import { useEffect, useState } from 'react';
import type { Wallboard } from '../../../server/contract/wallboard.ts';
import { openSocket } from '../connection/socket.ts';

export interface BoardModel {
  board: Wallboard | null;
  /** Server's epoch milliseconds minus the page's monotonic clock. */
  offsetMs: number;
  link: 'open' | 'lost';
  /** Why the server does not send a wallboard, by code. */
  refusal: string | null;
}

/** The live wallboard of a floor. A hidden tab stops it, and gets a whole one when it is looked at again. */
export function useBoard(floorId: string): BoardModel {
  const [model, setModel] = useState<BoardModel>({ board: null, offsetMs: 0, link: 'open', refusal: null });
  useEffect(() => {
    const socket = openSocket();
    function watch(): void {
      if (document.visibilityState === 'hidden') {
        socket.emit('wallboard:unwatch');
        return;
      }
      socket.emit('wallboard:watch', { floorId }, (reply) =>
        setModel((before) => ({ ...before, link: 'open', refusal: reply.ok ? null : (reply.code ?? 'internal') })),
      );
    }
    function onBoard(board: Wallboard): void {
      setModel({ board, offsetMs: Date.parse(board.at) - performance.now(), link: 'open', refusal: null });
    }
    function onLost(): void {
      setModel((before) => ({ ...before, link: 'lost' }));
    }
    socket.on('connect', watch);
    socket.on('disconnect', onLost);
    socket.on('wallboard', onBoard);
    document.addEventListener('visibilitychange', watch);
    if (socket.connected) watch();
    return () => {
      socket.emit('wallboard:unwatch');
      socket.off('connect', watch);
      socket.off('disconnect', onLost);
      socket.off('wallboard', onBoard);
      document.removeEventListener('visibilitychange', watch);
    };
  }, [floorId]);
  return model;
}
