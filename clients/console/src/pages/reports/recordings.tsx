/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings: the sessions that have one, and the player of one of them. */
import { recordingsApi, type RecordingPart } from '../../api/recordings';
import type { PageProps } from '../../pages';
import { go, hrefOf } from '../../route';
import { text } from '../../text';
import { formatBytes, formatDateTime } from '../../text/format';
import { Badge, Empty, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { Table, type Column } from '../../view/table';
import { wordOf } from './kinds';
import { RecordingPage } from './play';

interface Row {
  readonly session: number;
  readonly parts: readonly RecordingPart[];
  readonly bytes: number;
  readonly sealedUnixMs: number;
  readonly isWhole: boolean;
}

export default function RecordingsPage({ state, args }: PageProps) {
  const list = useResource(() => recordingsApi.list(), ['sessions_changed']);
  if (args.length > 0) {
    return <RecordingPage key={args[0]} list={list} session={Number(args[0])} codecUrl={state.codecUrl} />;
  }
  return (
    <Page title={text.recording.title} lead={text.recording.lead} width="full" testId="recordings-page">
      <Loaded resource={list}>
        {({ recordings, recording }) => (
          <>
            <p class="hint">{text.recording.mode(wordOf(recording))}</p>
            <Table name="recordings" label={text.recording.title} columns={columns()} rows={rowsOf(recordings)} rowKey={(row) => row.session}
              sort={{ column: 'sealed', descending: true }} rowName={(row) => String(row.session)}
              rowProps={(row) => ({ 'data-testid': `recording-${row.session}` })} onOpen={(row) => go(`/reports/recordings/${row.session}`)}
              actionsWidth={110} actions={(row) => (
                <a class="button" href={hrefOf(`/reports/recordings/${row.session}`)}
                  aria-label={text.recording.playOf(String(row.session))}>{text.recording.play}</a>
              )}
              empty={<Empty title={text.recording.none}>{text.recording.noneText}</Empty>} testId="recordings-table" />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function rowsOf(parts: readonly RecordingPart[]): readonly Row[] {
  const sessions = new Map<number, RecordingPart[]>();
  for (const part of parts) {
    sessions.set(part.session, [...sessions.get(part.session) ?? [], part]);
  }
  return [...sessions].map(([session, own]) => ({
    session, parts: own, bytes: own.reduce((sum, part) => sum + part.bytes, 0),
    sealedUnixMs: Math.max(...own.map((part) => part.sealed_unix_ms)), isWhole: own.every((part) => part.state === 'whole'),
  }));
}

function columns(): Column<Row>[] {
  const texts = text.recording;
  return [
    { id: 'session', title: texts.session, width: 110, value: (row) => row.session, sort: (a, b) => a.session - b.session },
    { id: 'sealed', title: texts.sealed, width: 195, value: (row) => formatDateTime(row.sealedUnixMs), sort: (a, b) => a.sealedUnixMs - b.sealedUnixMs },
    { id: 'size', title: texts.size, width: 110, align: 'end', value: (row) => formatBytes(row.bytes), sort: (a, b) => a.bytes - b.bytes },
    { id: 'parts', title: texts.parts, width: 90, align: 'end', value: (row) => row.parts.length, sort: (a, b) => a.parts.length - b.parts.length },
    {
      id: 'state', title: texts.state, width: 130,
      value: (row) => <Badge tone={row.isWhole ? 'ok' : 'warn'}>{row.isWhole ? texts.whole : texts.cut}</Badge>,
    },
  ];
}
