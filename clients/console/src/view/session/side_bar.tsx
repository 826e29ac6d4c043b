/* SPDX-License-Identifier: Apache-2.0 */
/* The side bar of a session: one panel at a time, chosen in a narrow row of buttons. The chat is there at once; the
 * other panels are fetched when they are first opened. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { text } from '../../text';
import { ChatPanel } from '../chat';
import { Icon } from '../icon';
import { Skeleton } from '../page';
import { CannedDialog } from './canned';
import { panelIcons, panels, ruleOf, type PanelName, type PanelProps } from './panel';

type Loadable = Exclude<PanelName, 'chat'>;

const loaders: Readonly<Record<Loadable, () => Promise<{ default: ComponentType<PanelProps> }>>> = {
  notes: () => import('./notes_panel'),
  info: () => import('./info_panel'),
  people: () => import('./people_panel'),
  tools: () => import('./tools_panel'),
};

const loaded = new Map<Loadable, ComponentType<PanelProps>>();

interface SideProps extends PanelProps {
  readonly panel: PanelName | null;
  readonly onPanel: (panel: PanelName | null) => void;
}

export function SidePanel({ panel, ...props }: SideProps) {
  const { session, tools } = props;
  const [insert, setInsert] = useState<((what: string) => void) | null>(null);
  const denied = ruleOf(tools.value, 'canned_messages');
  return (
    <div class="chat-slot" hidden={panel === null} data-testid="side-panel" data-panel={panel ?? ''}>
      <div class="side-part" hidden={panel !== 'chat'}>
        <ChatPanel session={session} withAudience={!session.watching} tools={(insert) => (
          <button type="button" class="quiet icon-button" title={denied || text.side.chat.canned} aria-label={text.side.chat.canned}
            disabled={denied !== '' || session.state === 'ended'} data-testid="open-canned"
            onClick={() => setInsert(() => insert)}>
            <Icon name="star" />
          </button>
        )} />
        {insert && (
          <CannedDialog onClose={() => setInsert(null)} onInsert={(what) => {
            setInsert(null);
            requestAnimationFrame(() => insert(what));
          }} />
        )}
      </div>
      {panel !== null && panel !== 'chat' && (
        <aside class="side-part side-other" aria-label={text.side.panelTitle[panel]}>
          <h2>{text.side.panelTitle[panel]}</h2>
          <LoadedPanel key={panel} panel={panel} {...props} />
        </aside>
      )}
    </div>
  );
}

function LoadedPanel({ panel, ...props }: PanelProps & { panel: Loadable }) {
  const [failed, setFailed] = useState(false);
  const [, setTurn] = useState(0);
  const View = loaded.get(panel);
  useEffect(() => {
    if (!loaded.has(panel)) {
      loaders[panel]().then((module) => {
        loaded.set(panel, module.default);
        setTurn((turn) => turn + 1);
      }, () => setFailed(true));
    }
  }, [panel]);
  if (View) {
    return <View {...props} />;
  }
  return failed ? <p class="side-content error-line" role="alert">{text.side.notLoaded}</p> : <Skeleton lines={5} />;
}

export function PanelRow({ session, info, panel, onPanel }: Pick<SideProps, 'session' | 'info' | 'panel' | 'onPanel'>) {
  const counts: Partial<Record<PanelName, number>> = {
    chat: session.unread, notes: info.value?.notes.length ?? 0,
  };
  return (
    <div class="side-row" role="toolbar" aria-label={text.side.label} aria-orientation="vertical">
      {panels.map((one) => (
        <button key={one} type="button" class="quiet side-button" aria-expanded={panel === one}
          data-testid={one === 'chat' ? 'chat-toggle' : `panel-${one}`} onClick={() => onPanel(panel === one ? null : one)}>
          <Icon name={panelIcons[one]} />
          <span>{text.side.panel[one]}</span>
          {(counts[one] ?? 0) > 0 && (
            <span class={`badge ${one === 'chat' ? '' : 'badge-quiet'}`}>
              {counts[one]}
              {one === 'chat' && <span class="visually-hidden"> {text.side.chat.unread(counts[one] ?? 0)}</span>}
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
