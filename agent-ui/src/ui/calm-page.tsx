import type { ReactNode } from 'react';
import { Mark } from './icons.tsx';

/** One card in the middle of a quiet page: signing in, waiting, or something that must be decided first. */
export function CalmPage({ title, testId, children }: { title: string; testId?: string; children: ReactNode }): ReactNode {
  return (
    <main id="main" className="calm-page" data-testid={testId}>
      <div className="calm-card card">
        <Mark size={44} />
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
