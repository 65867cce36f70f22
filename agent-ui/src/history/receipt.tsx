import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { z } from 'zod';
import type { ReceiptShown } from '../../../server/contract/history.ts';
import { AskFailed } from '../admin/ask-failed.tsx';
import { downloadAddress } from '../connection/http.ts';
import { Code, Say, useLocale } from '../i18n/locale.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icons.tsx';
import { receiptQuery } from './api.ts';

/** The receipt of one event: where it is sealed, under which signed head, and the whole proof to take away. */
export function Receipt({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const { say, format } = useLocale();
  const receipt = useQuery(receiptQuery(id));
  return (
    <Dialog title={say('history.receiptOf', { id: format.number(Number(id)) })} onClose={onClose}>
      <div className="stack" data-testid="receipt">
        <p>{say('history.receiptLead')}</p>
        {receipt.isError ? (
          <AskFailed query={receipt} />
        ) : receipt.data ? (
          <Proof receipt={receipt.data} />
        ) : (
          <p className="faint">{say('common.loading')}</p>
        )}
        <div>
          <a className="button primary" href={downloadAddress(`/history/receipts/${id}`)} download={`receipt-${id}.json`}>
            <Icon name="download" />
            {say('history.download')}
          </a>
        </div>
      </div>
    </Dialog>
  );
}

function Proof({ receipt: { index, batch, head } }: { receipt: ReceiptShown }): ReactNode {
  const { say, format } = useLocale();
  return (
    <>
      <p>
        <Say
          text="history.receiptPlace"
          values={{
            place: format.number(index + 1),
            events: format.number(batch.events),
            batch: format.number(Number(batch.number)),
            at: format.dateTime(batch.sealedAt),
          }}
        />
      </p>
      <p className={head === null ? 'faint' : 'strong'}>
        {head === null ? (
          say('history.receiptUnsigned')
        ) : (
          <Say text="history.receiptSigned" values={{ day: format.day(dayOf(head.statement)) }} />
        )}
      </p>
      <dl className="history-proof small">
        <dt>{say('history.receiptRoot')}</dt>
        <dd>
          <Code>{batch.root}</Code>
        </dd>
      </dl>
    </>
  );
}

function dayOf(statement: string): string {
  return z.object({ day: z.string() }).parse(JSON.parse(statement)).day;
}
