/* SPDX-License-Identifier: Apache-2.0 */
/* A report: its filters in the page's address, the rows, a chart where counts have one, and the whole as a file. */
import { useState } from 'preact/hooks';
import { reportsApi, type ReportFormat, type ReportRow, type ReportTeam } from '../../api/reports';
import { sentence, type Query } from '../../api/request';
import type { PageProps } from '../../pages';
import { go, hrefOf, type Route } from '../../route';
import { text } from '../../text';
import { formatNumber } from '../../text/format';
import { Field, Select } from '../../view/fields';
import { Icon } from '../../view/icon';
import { Menu } from '../../view/menu';
import { Empty, Loaded, Page } from '../../view/page';
import { loadAll, useResource } from '../../view/resource';
import { Table } from '../../view/table';
import { toast } from '../../view/toast';
import { BarChart } from './chart';
import { cellText, tableColumns } from './cells';
import { DownloadTooLarge, downloadReport } from './download';
import { columnTitle, kindLead, kindTitle, reportKinds, type ReportFilter, type ReportKind } from './kinds';
import { dayText, isPeriod, PERIOD_START, periods, rangeOf, type Period } from './period';
import SessionReport from './session';

/* More is for a file: nobody reads it row by row. */
const ROWS_SHOWN_MAX = 5_000;

export default function ReportPage(props: PageProps) {
  const kind = reportKinds.find((one) => props.route.path.split('/')[2] === one.path);
  if (!kind) {
    return null;
  }
  if (kind.id === 'sessions' && props.args.length > 0) {
    return <SessionReport key={props.args[0]} id={props.args[0]!} mayPlay={props.state.may('view_recordings')} />;
  }
  return <Report key={kind.id} kind={kind} {...props} />;
}

interface Filters {
  readonly period: Period;
  readonly values: Readonly<Record<string, string>>; /* as they are in the address */
}

function filtersOf(route: Route): Filters {
  const period = route.query.get('period');
  return { period: isPeriod(period) ? period : PERIOD_START, values: Object.fromEntries(route.query) };
}

function queryOfFilters(kind: ReportKind, filters: Filters): Query | null {
  const range = rangeOf(filters.period, filters.values.first ?? '', filters.values.last ?? '', Date.now());
  if (!range) {
    return null;
  }
  const chosen = kind.filters.map((name) => [name, filters.values[name]] as const);
  return { from: range.from, to: range.to, ...(kind.filters.includes('by') && { by: 'day' }), ...Object.fromEntries(chosen.filter(([, value]) => value)) };
}

function Report({ kind, route }: PageProps & { kind: ReportKind }) {
  const filters = filtersOf(route);
  const query = queryOfFilters(kind, filters);
  const report = useResource(
    async () => (query ? reportsApi.rows(kind.path, query, ROWS_SHOWN_MAX) : { rows: [], isCut: false }),
    [], [kind.id, filters.period, filters.values],
  );
  const change = (values: Readonly<Record<string, string | undefined>>) =>
    go(hrefOf(`/reports/${kind.path}`, { ...filters.values, ...values }), { replace: true });
  return (
    <Page title={kindTitle(kind.id)} lead={kindLead(kind.id)} width="full" testId={`report-${kind.path}`}
      error={query ? '' : text.reports.badRange}
      actions={(
        <>
          <button type="button" onClick={() => void report.reload()} data-testid="report-refresh">
            <Icon name="refresh" />{text.common.actions.refresh}
          </button>
          {query && <DownloadMenu kind={kind} query={query} />}
        </>
      )}>
      <FilterBar kind={kind} filters={filters} onChange={change} />
      <Loaded resource={report} lines={8}>
        {(found) => (
          <>
            {found.isCut && (
              <p class="stale-line" role="status" data-testid="report-cut"><Icon name="info" />
                <span>{text.reports.cut(formatNumber(ROWS_SHOWN_MAX))}</span></p>
            )}
            <div class="report-body">
              {kind.chart && found.rows.length > 0 && <Chart kind={kind} rows={found.rows} days={daysOf(kind, filters, query)} />}
              <Rows kind={kind} rows={found.rows} />
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Rows({ kind, rows }: { kind: ReportKind; rows: readonly ReportRow[] }) {
  const opened = kind.opensSession;
  const open = (row: ReportRow) => {
    const session = opened === undefined ? undefined : row[opened];
    if (typeof session === 'number') {
      go(`/reports/sessions/${session}`);
    }
  };
  const numbered = new Map(rows.map((row, at) => [row, at]));
  const first = kind.columns[0]!;
  return (
    <Table name={`report.${kind.id}`} label={kindTitle(kind.id)} columns={tableColumns(kind.columns)} rows={rows}
      rowKey={(row) => numbered.get(row) ?? -1} rowName={(row) => cellText(row, first)}
      {...(first.kind === 'time' || kind.id === 'sessions' ? { sort: { column: first.id, descending: true } } : {})}
      {...(opened !== undefined && {
        onOpen: open,
        actionsWidth: 96,
        actions: (row: ReportRow) => (typeof row[opened] === 'number'
          ? <a class="button quiet" href={hrefOf(`/reports/sessions/${row[opened]}`)}
              aria-label={text.reports.openOf(String(row[opened]))}>{text.reports.open}</a> : null),
      })}
      rowProps={(row) => ({ 'data-testid': opened !== undefined ? `report-session-${String(row[opened])}` : undefined })}
      empty={<Empty title={text.reports.none}>{text.reports.noneText}</Empty>} testId="report-table" />
  );
}

/* Every day (UTC) of the range, when a report counts by days and they are few enough to draw; else none. */
const DAYS_DRAWN_MAX = 120;
const DAY_MS = 86_400_000;

function daysOf(kind: ReportKind, filters: Filters, query: Query | null): readonly string[] {
  const from = Number(query?.from);
  const to = Number(query?.to);
  if (kind.id !== 'session_summary' || (filters.values.by ?? 'day') !== 'day' || !((to - from) / DAY_MS <= DAYS_DRAWN_MAX)) {
    return [];
  }
  const days: string[] = [];
  for (let at = from; at < to + DAY_MS; at += DAY_MS) {
    const day = new Date(Math.min(at, to - 1)).toISOString().slice(0, 10);
    if (days.at(-1) !== day) {
      days.push(day);
    }
  }
  return days;
}

/* days: bars that are there even when nothing is to be counted, in this order. */
function Chart({ kind, rows, days }: { kind: ReportKind; rows: readonly ReportRow[]; days: readonly string[] }) {
  const { value } = kind.chart!;
  const sums = new Map<string, number>(days.map((day) => [day, 0]));
  for (const row of rows) {
    const name = String(row.name ?? '');
    sums.set(name, (sums.get(name) ?? 0) + (typeof row[value] === 'number' ? row[value] : 0));
  }
  const bars = [...sums].map(([name, sum]) => ({ name: days.length > 0 ? name.slice(5) : name, value: sum }));
  return <BarChart bars={bars} label={text.reports.chart(columnTitle(value), kindTitle(kind.id))} />;
}

/* ---- filters -------------------------------------------------------------------------------------------------- */

function FilterBar({ kind, filters, onChange }: {
  kind: ReportKind; filters: Filters; onChange: (values: Readonly<Record<string, string | undefined>>) => void;
}) {
  const { values, period } = filters;
  const choosePeriod = (chosen: Period) => {
    const today = dayText(new Date());
    onChange({ period: chosen, first: chosen === 'own' ? values.first ?? today : undefined, last: chosen === 'own' ? values.last ?? today : undefined });
  };
  return (
    <div class="report-filters" role="group" aria-label={text.reports.filters}>
      <Select label={text.reports.period} value={period} testId="filter-period" onChange={choosePeriod}
        options={periods.map((one) => ({ value: one, label: text.reports.periods[one] }))} />
      {period === 'own' && (
        <>
          <Field label={text.reports.first} type="date" value={values.first ?? ''} testId="filter-first"
            onInput={(first) => onChange({ first })} />
          <Field label={text.reports.last} type="date" value={values.last ?? ''} testId="filter-last"
            onInput={(last) => onChange({ last })} />
        </>
      )}
      {kind.filters.map((name) => (
        <Filter key={name} name={name} value={values[name] ?? ''} onChange={(value) => onChange({ [name]: value })} />
      ))}
    </div>
  );
}

const TEAM_ROWS_MAX = 1_000;

function Filter({ name, value, onChange }: { name: ReportFilter; value: string; onChange: (value: string) => void }) {
  const label = text.reports.filter[name];
  if (name === 'team') {
    return <TeamFilter label={label} value={value} onChange={onChange} />;
  }
  if (name === 'status') {
    return (
      <Select label={label} value={value} onChange={onChange} testId="filter-status" options={[
        { value: '', label: text.reports.any },
        ...(['waiting', 'active', 'ended'] as const).map((one) => ({ value: one as string, label: text.reports.words[one] })),
      ]} />
    );
  }
  if (name === 'by') {
    return (
      <Select label={label} value={value || 'day'} onChange={onChange} testId="filter-by"
        options={(['day', 'representative', 'team', 'group'] as const).map((one) => ({ value: one as string, label: text.reports.by[one] }))} />
    );
  }
  return <TypedFilter key={value} name={name} label={label} value={value} onChange={onChange} />;
}

/* What is typed counts when one is done: at Enter, or when the field is left. */
function TypedFilter({ name, label, value, onChange }: {
  name: ReportFilter; label: string; value: string; onChange: (value: string) => void;
}) {
  const [typed, setTyped] = useState(value);
  const done = () => {
    if (typed.trim() !== value) {
      onChange(typed.trim());
    }
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); done(); }}>
      <Field label={label} type="search" value={typed} onInput={setTyped} onBlur={done} testId={`filter-${name}`} maxLength={128} />
    </form>
  );
}

function TeamFilter({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  const teams = useResource(() => loadAll<ReportTeam>(reportsApi.teams, TEAM_ROWS_MAX), ['teams_changed']);
  return (
    <Select label={label} value={value} onChange={onChange} testId="filter-team" options={[
      { value: '', label: text.reports.any },
      ...(teams.value ?? []).map((team) => ({ value: String(team.id), label: team.name })),
    ]} />
  );
}

/* ---- the whole as a file -------------------------------------------------------------------------------------- */

function DownloadMenu({ kind, query }: { kind: ReportKind; query: Query }) {
  const [pages, setPages] = useState<number | null>(null);
  const download = async (format: ReportFormat) => {
    setPages(0);
    try {
      await downloadReport(kind.path, query, format, `causeway-${kind.path}-${dayText(new Date())}`, kind.id, setPages);
    } catch (error) {
      toast(error instanceof DownloadTooLarge ? text.reports.tooLarge : sentence(error), 'error');
    } finally {
      setPages(null);
    }
  };
  if (pages !== null) {
    return <span class="hint" role="status">{text.reports.downloading(pages)}</span>;
  }
  return (
    <Menu label={text.reports.download} align="end" testId="report-download"
      button={<><Icon name="download" /><span>{text.reports.download}</span></>}
      entries={(['csv', 'json', 'xml'] as const).map((format) => ({
        label: text.reports.formats[format], testId: `download-${format}`,
        onChoose: () => void download(format),
      }))} />
  );
}
