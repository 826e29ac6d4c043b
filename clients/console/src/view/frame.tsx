/* SPDX-License-Identifier: Apache-2.0 */
/* Around the pages: the rail at the left, the list of administration or reports beside it, and the page itself. */
import { useEffect, useState } from 'preact/hooks';
import { approvals } from '../approvals';
import { teamChat } from '../team_chat';
import type { ConsoleState } from '../console_state';
import { findPage, pagesOf, START_PATH, type PageEntry, type PageGroup, type PageSection, type PageView } from '../pages';
import { go, hrefOf, type Route } from '../route';
import { text } from '../text';
import { useWatch } from './hooks';
import { Icon, type IconName } from './icon';
import { Empty, Page, Skeleton } from './page';

export function Frame({ state }: { state: ConsoleState }) {
  const route = state.homeRoute;
  const found = findPage(route.path);
  const group = found?.entry.group ?? groupOfPath(route.path);
  useEffect(() => {
    const first = !found && (group === 'admin' || group === 'reports') ? pagesOf(group, state.me!)[0] : undefined;
    if (first) {
      go(first.path, { replace: true });
    }
  }, [route.path]);
  return (
    <div class="frame">
      <Rail state={state} current={found?.entry ?? null} group={group} />
      {(group === 'admin' || group === 'reports') && <SideList state={state} group={group} current={found?.entry ?? null} />}
      <div class="frame-page">
        <PageSlot state={state} route={route} />
      </div>
    </div>
  );
}

function groupOfPath(path: string): PageGroup | null {
  return path === '/admin' ? 'admin' : path === '/reports' ? 'reports' : null;
}

function Rail({ state, current, group }: { state: ConsoleState; current: PageEntry | null; group: PageGroup | null }) {
  useWatch(approvals);
  useWatch(teamChat);
  const me = state.me!;
  const waiting = state.queue?.length ?? 0;
  const counts: Readonly<Record<string, number>> = { [START_PATH]: waiting, '/jump': approvals.waiting, '/team': teamChat.unread };
  const areas = (['reports', 'admin'] as const).filter((area) => pagesOf(area, me).length > 0);
  return (
    <nav class="rail" aria-label={text.shell.rail}>
      {pagesOf('work', me).map((entry) => (
        <RailLink key={entry.path} path={entry.path} icon={entry.icon ?? 'window'} label={entry.title()}
          current={current === entry || (current?.group === 'jump' && entry.path === '/jump')}
          count={counts[entry.path] ?? 0} />
      ))}
      {areas.length > 0 && <span class="rail-line" aria-hidden="true" />}
      {areas.map((area) => (
        <RailLink key={area} path={pagesOf(area, me)[0]!.path} icon={area} label={text.shell[area]} current={group === area}
          count={0} testId={`rail-${area}`} />
      ))}
    </nav>
  );
}

/* More digits would cover the icon; the page says how many exactly. */
const COUNT_SHOWN_MAX = 99;

function RailLink({ path, icon, label, current, count, testId }: {
  path: string; icon: IconName; label: string; current: boolean; count: number; testId?: string;
}) {
  return (
    <a class="rail-link" href={hrefOf(path)} aria-current={current ? 'page' : undefined}
      data-testid={testId ?? `rail${path.replaceAll('/', '-')}`}>
      <Icon name={icon} />
      <span>{label}</span>
      {count > 0 && <span class="badge">{count > COUNT_SHOWN_MAX ? `${COUNT_SHOWN_MAX}+` : count}<span class="visually-hidden"> {text.shell.waiting}</span></span>}
    </a>
  );
}

const sections: readonly (PageSection | undefined)[] = [undefined, 'people', 'access', 'desk', 'appliance'];

function SideList({ state, group, current }: { state: ConsoleState; group: 'admin' | 'reports'; current: PageEntry | null }) {
  const all = pagesOf(group, state.me!);
  return (
    <nav class="side-list" aria-label={text.shell[group]}>
      <h2>{text.shell[group]}</h2>
      {sections.map((section) => {
        const entries = all.filter((entry) => entry.section === section);
        return entries.length > 0 && (
          <section key={section ?? ''}>
            {section && <h3>{text.shell.sections[section]}</h3>}
            {entries.map((entry) => (
              <a key={entry.path} href={hrefOf(entry.path)} aria-current={entry === current ? 'page' : undefined}
                data-testid={`side${entry.path.replaceAll('/', '-')}`}>
                {entry.title()}
              </a>
            ))}
          </section>
        );
      })}
    </nav>
  );
}

/* What was loaded stays: a page opens at once the second time. */
const loaded = new Map<string, PageView>();

function PageSlot({ state, route }: { state: ConsoleState; route: Route }) {
  const found = findPage(route.path);
  const entry = found?.entry;
  const [failed, setFailed] = useState('');
  const [, setTurn] = useState(0);
  const allowed = entry !== undefined && state.me !== null && entry.may(state.me);
  const View = entry && (entry.view ?? loaded.get(entry.path));
  useEffect(() => {
    setFailed('');
    if (entry?.load && allowed && !loaded.has(entry.path)) {
      entry.load().then((module) => {
        loaded.set(entry.path, module.default);
        setTurn((turn) => turn + 1);
      }, () => setFailed(entry.path));
    }
  }, [entry?.path, allowed]);

  if (!entry) {
    return (
      <Page title={text.shell.noPage}>
        <Empty title={text.shell.noPageText} action={<a class="button" href={hrefOf(START_PATH)}>{text.shell.toStart}</a>} />
      </Page>
    );
  }
  if (!allowed) {
    return (
      <Page title={entry.title()} testId="page-refused">
        <Empty title={text.shell.mayNot} action={<a class="button" href={hrefOf(START_PATH)}>{text.shell.toStart}</a>}>
          {text.shell.mayNotText}
        </Empty>
      </Page>
    );
  }
  if (failed === entry.path) {
    return (
      <Page title={entry.title()}>
        <Empty title={text.shell.notLoaded} action={(
          <button type="button" onClick={() => location.reload()}>{text.shell.reload}</button>
        )} />
      </Page>
    );
  }
  if (!View) {
    return <div class="page page-wide"><Skeleton lines={6} /></div>;
  }
  return <View key={entry.path} state={state} args={found.args} route={route} />;
}
