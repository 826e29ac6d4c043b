/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of one session, now and afterwards: its facts, and each of its parts. */
import { useState } from 'preact/hooks';
import { reportsApi, type ReportRow } from '../../api/reports';
import { hrefOf } from '../../route';
import { text } from '../../text';
import { formatNumber } from '../../text/format';
import { Icon } from '../../view/icon';
import { Badge, Card, Empty, Facts, Loaded, Page, type Tone } from '../../view/page';
import { useResource } from '../../view/resource';
import { Table } from '../../view/table';
import { Tabs } from '../../view/tabs';
import { cellText, tableColumns } from './cells';
import { columnTitle, partTitle, reportKinds, sessionParts, wordOf, type ReportColumn } from './kinds';

const PART_ROWS_MAX = 10_000;

const TONES: Readonly<Record<string, Tone>> = { waiting: 'warn', active: 'ok', ended: 'neutral' };

const columns = reportKinds.find((kind) => kind.id === 'sessions')!.columns;
const columnOf = (id: string): ReportColumn => columns.find((column) => column.id === id)!;

const FACTS: readonly (readonly string[])[] = [
  ['customer', 'customer_address', 'title', 'jump_item_name', 'jump_group', 'external_key', 'ticket'],
  ['representative_name', 'representative_address', 'team_name', 'priority', 'kind', 'recording', 'end_text'],
  ['created', 'started', 'ended', 'wait_s', 'duration_s', 'participant_count', 'chat_lines'],
];

export default function SessionReport({ id, mayPlay }: { id: string; mayPlay: boolean }) {
  const number = /^[1-9][0-9]{0,9}$/.test(id) ? Number(id) : 0;
  const session = useResource(
    async () => ({ row: number === 0 ? null : await reportsApi.session(number) }), ['sessions_changed'], [number],
  );
  return (
    <Page title={text.reports.session(id)} width="wide" testId="report-session"
      back={{ label: text.reports.kinds.sessions, path: '/reports/sessions' }}
      actions={mayPlay && Number(session.value?.row?.recording_parts) > 0 && (
        <a class="button" href={hrefOf(`/reports/recordings/${number}`)} data-testid="session-play">
          <Icon name="play" />{text.recording.play}
        </a>
      )}>
      <Loaded resource={session} lines={8}>
        {({ row }) => (row === null ? <Empty title={text.reports.noSession}>{text.reports.noSessionText}</Empty> : (
          <>
            <SessionFacts row={row} />
            <Parts session={number} />
          </>
        ))}
      </Loaded>
    </Page>
  );
}

function SessionFacts({ row }: { row: ReportRow }) {
  const status = String(row.status ?? '');
  return (
    <Card testId="session-facts">
      <p class="report-status"><Badge tone={TONES[status] ?? 'neutral'}>{wordOf(status)}</Badge></p>
      <div class="report-facts">
        {FACTS.map((names) => (
          <Facts key={names[0]} rows={names.map((name) => [columnTitle(name), <bdi>{cellText(row, columnOf(name)) || '–'}</bdi>] as const)} />
        ))}
      </div>
    </Card>
  );
}

function Parts({ session }: { session: number }) {
  const [current, setCurrent] = useState(sessionParts[0]!.id);
  return (
    <Tabs label={text.reports.partsOf} current={current} onChange={setCurrent}
      tabs={sessionParts.map((part) => ({ id: part.id, title: partTitle(part.id) }))}>
      <Part key={current} session={session} id={current} />
    </Tabs>
  );
}

function Part({ session, id }: { session: number; id: string }) {
  const part = sessionParts.find((one) => one.id === id)!;
  const found = useResource(() => reportsApi.part(session, id, PART_ROWS_MAX), ['sessions_changed'], [session, id]);
  return (
    <Loaded resource={found} lines={4}>
      {({ rows, isCut }) => {
        const numbered = new Map(rows.map((row, at) => [row, at]));
        return (
          <>
            {isCut && <p class="hint" role="status">{text.reports.cut(formatNumber(PART_ROWS_MAX))}</p>}
            <div class="report-part">
              <Table name={`report.part.${id}`} label={partTitle(id)} columns={tableColumns(part.columns)} rows={rows}
                rowKey={(row) => numbered.get(row) ?? -1} rowName={(row) => cellText(row, part.columns[0]!)}
                empty={<Empty title={text.reports.nothingHere} />} testId={`part-${id}`} />
            </div>
          </>
        );
      }}
    </Loaded>
  );
}
