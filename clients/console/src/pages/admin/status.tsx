/* SPDX-License-Identifier: Apache-2.0 */
/* How the appliance does, now and in the last minutes: what is kept of them is kept by this page alone. */
import { useEffect, useState } from 'preact/hooks';
import { serviceApi, type ApplianceStatus } from '../../api/service';
import { text } from '../../text';
import { formatBytes, formatDateTime, formatNumber, formatRemaining } from '../../text/format';
import { Badge, Card, Facts, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';

const REFRESH_MS = 5_000;
const POINTS_MAX = 120; /* ten minutes */
const MINUTES = (POINTS_MAX * REFRESH_MS) / 60_000;
const WIDTH = 240;
const HEIGHT = 44;

interface Point {
  readonly time: number;
  readonly sessions: number;
  readonly connections: number;
  readonly jumpClients: number;
  readonly bytes: number; /* in both directions since the engine began */
  readonly rate: number; /* bytes a second since the point before */
}

function pointOf(status: ApplianceStatus, before: Point | undefined): Point {
  const bytes = status.workers.reduce((sum, worker) => sum + worker.bytes_in + worker.bytes_out, 0);
  const seconds = before ? (status.now_unix_ms - before.time) / 1000 : 0;
  return {
    time: status.now_unix_ms, sessions: status.sessions, connections: status.connections, jumpClients: status.jump_clients, bytes,
    rate: before && seconds > 0 ? Math.max(0, (bytes - before.bytes) / seconds) : 0, /* an engine that began anew counts from 0 */
  };
}

export default function StatusPage() {
  const words = text.service.status;
  const [points, setPoints] = useState<readonly Point[]>([]);
  const status = useResource(async () => {
    const value = await serviceApi.status();
    setPoints((all) => [...all, pointOf(value, all.at(-1))].slice(-POINTS_MAX));
    return value;
  });
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && void status.reload(), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <Page title={words.title} lead={words.lead} width="wide" testId="status-page">
      <Loaded resource={status}>{(value) => <Figures status={value} points={points} />}</Loaded>
    </Page>
  );
}

function Figures({ status, points }: { status: ApplianceStatus; points: readonly Point[] }) {
  const words = text.service.status;
  const numbers = {
    sessions: formatNumber(status.sessions), waiting: formatNumber(status.sessions_waiting), connections: formatNumber(status.connections),
    jumpClients: formatNumber(status.jump_clients), items: formatNumber(status.jump_items),
  };
  return (
    <>
      {!status.engine_connected ? <State tone="danger" title={words.engineGone} lead={words.engineGoneText} />
        : status.drained ? <State tone="warn" title={words.drained} lead={words.drainedText} /> : null}
      <div class="figures">
        <Figure title={words.sessions} value={numbers.sessions} note={words.waiting(numbers.waiting)} points={points.map((one) => one.sessions)} testId="figure-sessions" />
        <Figure title={words.connections} value={numbers.connections} points={points.map((one) => one.connections)} testId="figure-connections" />
        <Figure title={words.jumpClients} value={numbers.jumpClients} note={words.ofItems(numbers.items)} points={points.map((one) => one.jumpClients)}
          testId="figure-jump-clients" />
        <Figure title={words.traffic} value={words.perSecond(formatBytes(Math.round(points.at(-1)?.rate ?? 0)))} points={points.slice(1).map((one) => one.rate)}
          testId="figure-traffic" />
      </div>
      <Card title={words.about} actions={status.engine_connected && !status.drained && <Badge tone="ok">{words.running}</Badge>}>
        <Facts rows={[
          [words.version, status.version],
          [words.uptime, uptimeText(status.uptime_s)],
          [words.consoles, formatNumber(status.consoles)],
          [words.seats, status.seats === 0 ? `${formatNumber(status.seats_used)} (${words.unlimited})`
            : `${formatNumber(status.seats_used)} / ${formatNumber(status.seats)}`],
          [words.store, formatBytes(status.store_bytes)],
          [words.audit, `${words.auditRows(formatNumber(status.audit_rows))}, ${status.audit_signed_unix_ms === null ? words.unsigned
            : words.signed(formatDateTime(status.audit_signed_unix_ms))}`],
          [words.backup, status.last_backup_unix_ms === null ? words.neverBackup : formatDateTime(status.last_backup_unix_ms)],
          [words.recording, text.service.recording.modes[status.recording]],
        ]} />
      </Card>
      <Card title={words.workers}>
        <div class="matrix-box">
          <table class="matrix" data-testid="workers">
            <thead><tr>
              {[words.columns.worker, words.columns.sessions, words.columns.connections, words.columns.in, words.columns.out].map((title) => (
                <th key={title} scope="col">{title}</th>
              ))}
            </tr></thead>
            <tbody>
              {[...status.workers].sort((a, b) => a.worker - b.worker).map((worker) => (
                <tr key={worker.worker}>
                  <th scope="row">{worker.worker}</th>
                  <td>{formatNumber(worker.sessions)}</td>
                  <td>{formatNumber(worker.connections)}</td>
                  <td>{formatBytes(worker.bytes_in)}</td>
                  <td>{formatBytes(worker.bytes_out)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
    </>
  );
}

function uptimeText(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  return hours >= 48 ? text.service.status.days(formatNumber(Math.floor(hours / 24)), formatNumber(hours % 24)) : formatRemaining(seconds * 1000);
}

function State({ tone, title, lead }: { tone: 'warn' | 'danger'; title: string; lead: string }) {
  return (
    <div class={`verified verified-${tone}`} role="status" data-testid="appliance-state">
      <strong>{title}</strong> {lead}
    </div>
  );
}

function Figure({ title, value, note, points, testId }: {
  title: string; value: string; note?: string; points: readonly number[]; testId: string;
}) {
  return (
    <section class="card figure" aria-label={title} data-testid={testId}>
      <h2>{title}</h2>
      <p class="figure-value"><strong>{value}</strong>{note && <span class="hint">{note}</span>}</p>
      <Line points={points} label={text.service.status.chartOf(title, formatNumber(MINUTES))} />
    </section>
  );
}

/* The newest is at the right; what is not there yet is left empty. */
function Line({ points, label }: { points: readonly number[]; label: string }) {
  const top = Math.max(1, ...points);
  const step = WIDTH / (POINTS_MAX - 1);
  const first = WIDTH - (points.length - 1) * step;
  const at = (value: number, index: number) => `${(first + index * step).toFixed(1)},${(HEIGHT - 2 - (value / top) * (HEIGHT - 6)).toFixed(1)}`;
  return (
    <svg class="spark" role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none">
      <line class="chart-line" x1={0} x2={WIDTH} y1={HEIGHT - 2} y2={HEIGHT - 2} />
      {points.length > 1 && <polyline class="spark-line" points={points.map(at).join(' ')} />}
    </svg>
  );
}
