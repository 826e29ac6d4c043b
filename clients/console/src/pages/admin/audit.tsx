/* SPDX-License-Identifier: Apache-2.0 */
/* The newest rows of the audit log, and whether the log is what was written. */
import { useState } from 'preact/hooks';
import { serviceApi, type AuditRow } from '../../api/service';
import { ApiError, sentence } from '../../api/request';
import { text } from '../../text';
import { compareText, formatDateTime, formatNumber } from '../../text/format';
import { SearchField } from '../../view/fields';
import { Badge, Empty, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { Table, type Column } from '../../view/table';
import { toast } from '../../view/toast';
import { hasAllWords } from './parts';

type Verified = { readonly tone: 'ok' | 'danger'; readonly text: string };

function columnsOf(): Column<AuditRow>[] {
  const words = text.service.audit.columns;
  return [
    { id: 'time', title: words.time, width: 170, fixed: true, sort: (a, b) => a.id - b.id, value: (row) => formatDateTime(row.time_unix_ms) },
    { id: 'actor', title: words.actor, width: 140, sort: (a, b) => compareText(a.actor, b.actor), value: (row) => row.actor },
    { id: 'action', title: words.action, width: 190, sort: (a, b) => compareText(a.action, b.action),
      value: (row) => <span class="mono">{row.action}</span> },
    { id: 'object', title: words.object, width: 150, value: (row) => row.object },
    { id: 'result', title: words.result, width: 110, sort: (a, b) => compareText(a.result, b.result),
      value: (row) => <Badge tone={row.result === 'ok' ? 'ok' : 'warn'}>{row.result}</Badge> },
    { id: 'detail', title: words.detail, width: 300, value: (row) => row.detail },
    { id: 'source', title: words.source, width: 130, hidden: true, value: (row) => row.source },
    { id: 'id', title: words.id, width: 80, align: 'end', hidden: true, sort: (a, b) => a.id - b.id, value: (row) => formatNumber(row.id) },
  ];
}

export default function AuditPage() {
  const words = text.service.audit;
  const [wanted, setWanted] = useState('');
  const [busy, setBusy] = useState(false);
  const [verified, setVerified] = useState<Verified | null>(null);
  const rows = useResource(() => serviceApi.audit());
  const shown = rows.value && rows.value.filter((row) =>
    wanted === '' || hasAllWords(`${row.actor} ${row.source} ${row.action} ${row.object} ${row.result} ${row.detail}`, wanted));
  const verify = async () => {
    setBusy(true);
    try {
      const state = await serviceApi.verify();
      setVerified({ tone: 'ok', text: words.whole(formatNumber(state.rows), formatNumber(state.checkpoints)) });
    } catch (error) {
      if (error instanceof ApiError && error.code === 'SIGNATURE') {
        setVerified({ tone: 'danger', text: `${words.broken}: ${sentence(error)}` });
      } else {
        toast(sentence(error), 'error');
      }
    }
    setBusy(false);
  };
  return (
    <Page title={words.title} lead={words.lead} width="full" testId="audit-page" error={rows.error}
      filter={<SearchField label={words.search} value={wanted} onInput={setWanted} testId="audit-search" />}
      actions={(
        <>
          <button type="button" onClick={() => void rows.reload()}>{text.common.actions.refresh}</button>
          <button type="button" class="primary" data-testid="audit-verify" disabled={busy} aria-busy={busy} onClick={() => void verify()}>
            {busy ? words.verifying : words.verify}
          </button>
        </>
      )}>
      {verified && (
        <p class={`verified verified-${verified.tone}`} role="status" data-testid="audit-verified" data-tone={verified.tone}>{verified.text}</p>
      )}
      <Table name="audit" label={words.title} columns={columnsOf()} rows={rows.value === null && rows.error !== '' ? [] : shown}
        rowKey={(row) => row.id} testId="audit-table" bar={<span class="hint">{words.newest}</span>}
        rowProps={(row) => ({ 'data-testid': `audit-${row.id}` })}
        empty={wanted !== '' ? <Empty title={text.admin.nothingFound}>{text.admin.nothingFoundText}</Empty>
          : <Empty title={words.emptyTitle}>{words.emptyText}</Empty>} />
    </Page>
  );
}
