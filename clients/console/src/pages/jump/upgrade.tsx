/* SPDX-License-Identifier: Apache-2.0 */
/* Upgrade waves: how far they are, who failed, and stopping or going on. */
import { useEffect } from 'preact/hooks';
import { deployApi, type UpgradeStatus } from '../../api/deploy';
import { jumpApi } from '../../api/jump';
import { sentence } from '../../api/request';
import type { PageProps } from '../../pages';
import { hrefOf } from '../../route';
import { text } from '../../text';
import { formatAgo, formatBytes, formatDateTime, formatNumber } from '../../text/format';
import { confirm } from '../../view/confirm';
import { useNow } from '../../view/hooks';
import { Icon } from '../../view/icon';
import { Badge, Card, Empty, Facts, Loaded, Page } from '../../view/page';
import { useResource, type Resource } from '../../view/resource';
import { toast } from '../../view/toast';
import { JumpNav } from './nav';

/* Bytes under way are no event. */
const LOOK_MS = 3_000;
const NOW_MS = 10_000;

export default function UpgradePage({ state }: PageProps) {
  const status = useResource(() => deployApi.upgrade(), ['jump_items_changed']);
  const moves = (status.value?.underway.length ?? 0) > 0;
  useEffect(() => {
    if (!moves) {
      return undefined;
    }
    const timer = setInterval(() => void status.reload(), LOOK_MS);
    return () => clearInterval(timer);
  }, [moves]);
  return (
    <Page title={text.deploy.upgradeTitle} lead={text.deploy.upgradeLead} testId="upgrade-page"
      actions={<JumpNav state={state} current="/jump/upgrade" />}>
      <Loaded resource={status}>{(value) => <Status status={value} resource={status} />}</Loaded>
    </Page>
  );
}

function Status({ status, resource }: { status: UpgradeStatus; resource: Resource<UpgradeStatus> }) {
  const now = useNow(NOW_MS);
  const all = Math.max(1, status.online);
  const act = async (run: () => Promise<unknown>, said: string) => {
    try {
      await run();
      toast(said);
      await resource.reload();
    } catch (error) {
      toast(sentence(error), 'error');
    }
  };
  const pause = async () => {
    if (await confirm({ title: text.deploy.pauseTitle, text: text.deploy.pauseText, action: text.deploy.pause })) {
      await act(() => deployApi.pause(), text.deploy.paused);
    }
  };
  const retry = async (item: number) => {
    try {
      const { is_online: online, needs_update: needs } = await jumpApi.retryUpgrade(item);
      toast(!needs ? text.jump.retryNone : online ? text.jump.retryNow : text.jump.retryLater);
      await resource.reload();
    } catch (error) {
      toast(sentence(error), 'error');
    }
  };
  return (
    <>
      <Card title={text.deploy.program} actions={status.program && (status.is_on ? (
        <>
          <Badge tone="ok">{text.deploy.on}</Badge>
          <button type="button" data-testid="upgrade-pause" onClick={() => void pause()}><Icon name="pause" />{text.deploy.pause}</button>
        </>
      ) : (
        <>
          <Badge tone="warn">{text.deploy.off}</Badge>
          <button type="button" class="primary" data-testid="upgrade-resume" onClick={() => void act(() => deployApi.resume(), text.deploy.resumed)}>
            <Icon name="play" />{text.deploy.resume}
          </button>
        </>
      ))}>
        {status.program ? (
          <Facts rows={[
            [text.deploy.version, status.program.version], [text.deploy.machine, status.program.machine],
            [text.deploy.size, formatBytes(status.program.size)], [text.deploy.atOnce, formatNumber(status.at_once)],
            ['SHA-256', <code class="mono">{status.program.sha256}</code>],
          ]} />
        ) : <p class="muted">{text.deploy.noProgram}</p>}
      </Card>
      <div class="upgrade-figures" data-testid="upgrade-figures">
        <Figure value={status.online} label={text.deploy.online} />
        <Figure value={status.up_to_date} label={text.deploy.upToDate} />
        <Figure value={status.need_update} label={text.deploy.needUpdate} />
        <Figure value={status.failed} label={text.deploy.failed} />
      </div>
      <div class="upgrade-bar" role="img" aria-label={text.deploy.progress(formatNumber(status.up_to_date), formatNumber(status.online))}>
        <span style={{ width: `${(100 * status.up_to_date) / all}%` }} />
        <span class="failed" style={{ width: `${(100 * Math.min(status.failed, status.need_update)) / all}%` }} />
      </div>
      <Card title={text.deploy.underway}>
        {status.underway.length === 0 ? <p class="muted">{text.deploy.noUnderway}</p> : (
          <table class="items">
            <thead><tr><th scope="col">{text.deploy.item}</th><th scope="col">{text.deploy.sent}</th><th scope="col">{text.deploy.started}</th></tr></thead>
            <tbody>
              {status.underway.map((one) => (
                <tr key={one.jump_item}>
                  <th scope="row"><a href={hrefOf(`/jump/${one.jump_item}`)}><bdi>{one.name}</bdi></a></th>
                  <td>{text.deploy.sentOf(formatBytes(one.sent_bytes), formatBytes(status.program?.size ?? 0))}</td>
                  <td><time title={formatDateTime(one.started_unix_ms)}>{formatAgo(one.started_unix_ms, now)}</time></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
      <Card title={text.deploy.failures}>
        {status.failures.length === 0 ? <Empty title={text.deploy.noFailures} /> : (
          <table class="items" data-testid="upgrade-failures">
            <thead>
              <tr>
                <th scope="col">{text.deploy.item}</th><th scope="col">{text.deploy.why}</th><th scope="col">{text.deploy.when}</th>
                <th scope="col"><span class="visually-hidden">{text.deploy.retry}</span></th>
              </tr>
            </thead>
            <tbody>
              {status.failures.map((one) => (
                <tr key={one.jump_item}>
                  <th scope="row"><a href={hrefOf(`/jump/${one.jump_item}`)}><bdi>{one.name}</bdi></a></th>
                  <td><bdi>{one.why}</bdi></td>
                  <td><time title={formatDateTime(one.time_unix_ms)}>{formatAgo(one.time_unix_ms, now)}</time></td>
                  <td class="row-action"><button type="button" onClick={() => void retry(one.jump_item)}>{text.deploy.retry}</button></td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
    </>
  );
}

function Figure({ value, label }: { value: number; label: string }) {
  return <div class="upgrade-figure"><strong>{formatNumber(value)}</strong><span class="muted">{label}</span></div>;
}
