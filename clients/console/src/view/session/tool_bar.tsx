/* SPDX-License-Identifier: Apache-2.0 */
/* The tools above the remote screen. What a rule denies is there and disabled, and says which rule. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ConsoleState } from '../../console_state';
import { Keysym } from '../../input/keysyms';
import { saveFile } from '../../save_file';
import { choiceOf, colourChoices, type ColourChoice } from '../../screen/settings';
import type { Session } from '../../session/session';
import { text } from '../../text';
import { Permit } from '../../wire/frame';
import { SCREEN_COLOURS } from '../../wire/message';
import { Segmented } from '../fields';
import { Icon, type IconName } from '../icon';
import { toast } from '../toast';
import { ruleOf, type PanelProps, type SideDialog } from './panel';

interface Props {
  state: ConsoleState;
  session: Session;
  tools: PanelProps['tools'];
  isOwner: boolean;
  scale: 'fit' | 'actual';
  onScale: (scale: 'fit' | 'actual') => void;
  open: (dialog: SideDialog) => void;
  browserCustomer: ComponentChildren;
}

export function ToolBar({ state, session, tools, isOwner, scale, onScale, open, browserCustomer }: Props) {
  const words = text.side.tool;
  const over = session.state === 'ended';
  const keysDenied = ruleOf(tools.value, 'special_keys');
  const pictureDenied = ruleOf(tools.value, 'screenshot');
  return (
    <>
      <Segmented label={text.session.scaleLabel} value={scale} onChange={onScale} testId="scale"
        options={[{ value: 'fit', label: text.session.fit }, { value: 'actual', label: text.session.actual }]} />
      <FullScreen session={session} />
      <Sign icon="camera" label={words.screenshot} denied={pictureDenied} testId="screenshot"
        disabled={!session.screen.hasPicture || !session.may(Permit.VIEW_SCREEN)} run={() => void saveScreenshot(session)} />
      <PictureChoice session={session} />
      <button type="button" class="quiet" aria-label={text.session.sendCtrlAltDel} title={keysDenied || text.session.sendCtrlAltDel}
        disabled={!session.canSendInput || keysDenied !== ''} data-testid="ctrl-alt-del" onClick={() => sendCtrlAltDel(session)}>
        {text.session.ctrlAltDel}
      </button>
      <AskConsent session={session} />
      {browserCustomer}
      <span class="spacer" />
      {isOwner && !over && (
        <>
          <Sign icon="plus" label={words.invite} denied={ruleOf(tools.value, 'invite')} testId="tool-invite"
            disabled={session.state !== 'live'} run={() => open('invite')} />
          <Sign icon="move" label={words.transfer} denied={ruleOf(tools.value, 'transfer')} testId="tool-transfer"
            disabled={session.state !== 'live'} run={() => open('transfer')} />
        </>
      )}
      {!over && state.solo === null && (
        <Sign icon="window" label={session.chat.unsent.length > 0 ? words.detachUnsent : words.detach} denied="" testId="detach"
          disabled={session.chat.unsent.length > 0} run={() => state.detach(session)} />
      )}
      {state.solo !== null && (
        <button type="button" class="quiet" data-testid="put-back" onClick={() => window.close()}>{text.side.window.putBack}</button>
      )}
      {!over && !isOwner && (
        <button type="button" class="quiet" data-testid="leave-session" onClick={() => state.closeTab(session)}>
          {text.session.leave}
        </button>
      )}
      {!over && isOwner && (
        <button type="button" class="danger" data-testid="end-session" aria-disabled={session.ending}
          onClick={() => !session.ending && open('end')}>
          {session.ending ? text.session.ending : text.session.end}
        </button>
      )}
    </>
  );
}

function Sign({ icon, label, denied, testId, disabled, run }: {
  icon: IconName; label: string; denied: string; testId: string; disabled: boolean; run: () => void;
}) {
  return (
    <button type="button" class="quiet icon-button" aria-label={label} title={denied || label} data-testid={testId}
      disabled={disabled || denied !== ''} onClick={run}>
      <Icon name={icon} />
    </button>
  );
}

function sendCtrlAltDel(session: Session): void {
  const keys = [Keysym.Control_L, Keysym.Alt_L, Keysym.Delete];
  for (const keysym of keys) {
    session.key(keysym, true);
  }
  for (const keysym of keys.reverse()) {
    session.key(keysym, false);
  }
}

/* The picture as the canvas has it: every pixel, whatever size it is shown in. */
async function saveScreenshot(session: Session): Promise<void> {
  const blob = await session.screen.toPng();
  if (!blob) {
    toast(text.common.errors.unexpected, 'error');
    return;
  }
  const at = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const name = `${session.name.replace(/[^\p{L}\p{N}_-]+/gu, '-').slice(0, 60) || 'session'}-${at.getFullYear()}`
    + `${two(at.getMonth() + 1)}${two(at.getDate())}-${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}.png`;
  saveFile(name, blob);
  toast(text.side.tool.screenshotSaved(name));
}

interface KeyboardLock {
  lock(): Promise<void>;
  unlock(): void;
}

/* Where the browser can, the keys of the system (Alt+Tab, the system key, Escape) go to the remote computer, too. */
export async function toggleFullScreen(session: Session, announce: (sentence: string) => void): Promise<void> {
  if (document.fullscreenElement) {
    await document.exitFullscreen();
    return;
  }
  const stage = document.getElementById(`stage-${session.id}`);
  if (!stage) {
    return;
  }
  await stage.requestFullscreen();
  const keyboard = (navigator as { keyboard?: KeyboardLock }).keyboard;
  const locked = keyboard !== undefined && await keyboard.lock().then(() => true, () => false);
  announce(locked ? text.side.tool.fullScreenKeys : text.side.tool.fullScreenPlain);
  stage.querySelector<HTMLElement>('textarea')?.focus({ preventScroll: true });
}

function FullScreen({ session }: { session: Session }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const left = () => {
      if (!document.fullscreenElement) {
        (navigator as { keyboard?: KeyboardLock }).keyboard?.unlock();
        setSaid('');
      }
    };
    document.addEventListener('fullscreenchange', left);
    return () => document.removeEventListener('fullscreenchange', left);
  }, []);
  return (
    <>
      <Sign icon="expand" label={text.side.tool.fullScreen} denied="" testId="full-screen" disabled={session.state === 'ended'}
        run={() => void toggleFullScreen(session, setSaid).catch(() => setSaid(''))} />
      <span class="visually-hidden" role="status" data-testid="full-screen-said">{said}</span>
    </>
  );
}

function PictureChoice({ session }: { session: Session }) {
  const settings = session.screenSettings;
  const disabled = !session.canSendInput || session.watching;
  const choose = (choice: ColourChoice) => session.setScreen({ ...settings, colours: SCREEN_COLOURS[choice] });
  return (
    <span class="picture-choice">
      <select aria-label={text.session.colours} data-testid="colours" value={choiceOf(settings)} disabled={disabled}
        onChange={(event) => choose(event.currentTarget.value as ColourChoice)}>
        {colourChoices.map((choice) => <option key={choice} value={choice}>{text.session.colour[choice]}</option>)}
      </select>
      <label title={text.session.losslessHint}>
        <input type="checkbox" data-testid="lossless-only" checked={settings.losslessOnly} disabled={disabled}
          onChange={(event) => session.setScreen({ ...settings, losslessOnly: event.currentTarget.checked })} />
        {text.session.lossless}
      </label>
    </span>
  );
}

/* The customer's own program asks about seeing and controlling; after a no, one can only ask again in words. */
function AskConsent({ session }: { session: Session }) {
  const info = session.asksConsent;
  if (session.state !== 'live' || !info || session.may(Permit.CONTROL_INPUT)) {
    return null;
  }
  const sees = session.may(Permit.VIEW_SCREEN);
  return (
    <button type="button" class="quiet" data-testid="ask-consent" disabled={!session.may(Permit.CHAT)} onClick={() => {
      session.say(sees ? text.side.tool.askControlLine : text.side.tool.askViewLine);
      toast(text.side.tool.asked);
    }}>
      {sees ? text.side.tool.askControl : text.side.tool.askView}
    </button>
  );
}
