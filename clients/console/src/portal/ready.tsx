/* SPDX-License-Identifier: Apache-2.0 */
/* The key is good: how the customer comes into the session, in this browser or with the program. */
import { useState } from 'preact/hooks';
import type { Entrance, PortalInfo } from '../api/portal';
import { formatClock } from '../text/format';
import { text } from '../text/portal';
import { CopyButton } from '../view/parts';
import { Icon, Prose, StepTitle } from './parts';
import { recordingText } from './terms';

/* Only an address on this appliance is offered, whatever the answer says. */
export function ownDownload(entrance: Entrance, info: PortalInfo | null): string | null {
  return entrance.download?.startsWith('/download/') && info?.download_available !== false ? entrance.download : null;
}

/* The program is for Linux with a desktop, which phones that run Linux have not. */
function isForThisComputer(): boolean {
  return /Linux/.test(navigator.platform) && !/Android/i.test(navigator.userAgent);
}

interface Props {
  entrance: Entrance;
  info: PortalInfo;
  expired: boolean;
  onChat: (() => void) | null; /* null: this browser cannot */
  onOther: () => void;
  error: string; /* why the chat did not start */
}

export function Ready({ entrance, info, expired, onChat, onOther, error }: Props) {
  const recording = recordingText(entrance);
  return (
    <section class={`step-wide ${onChat ? '' : 'narrow'}`} data-testid="ready">
      <div class="hero">
        <StepTitle testId="portal-ready">{text.portal.ready.title(entrance.representative)}</StepTitle>
        <p class="lead">{onChat ? text.portal.ready.lead : text.portal.ready.leadProgram}</p>
      </div>
      {expired && <p class="banner banner-closed" role="alert"><Icon name="clock" />{text.portal.ready.expired}</p>}
      {recording !== '' && <div class="banner"><Icon name="record" /><Prose>{recording}</Prose></div>}
      {error !== '' && <p class="error-line" role="alert" data-testid="chat-error">{error}</p>}
      <div class={onChat ? 'choices' : 'choices choices-one'}>
        {onChat && (
          <section class="card part" aria-labelledby="browser-title">
            <h2 id="browser-title"><Icon name="chat" />{text.portal.ready.browser}</h2>
            <p class="lead">{text.portal.ready.browserText}</p>
            <button type="button" class="primary wide-button" data-testid="chat-in-browser" disabled={expired}
              onClick={onChat}>
              {text.portal.ready.browserButton}
            </button>
          </section>
        )}
        <section class="card part" aria-labelledby="program-title">
          <h2 id="program-title"><Icon name="computer" />{text.portal.ready.program}</h2>
          <p class="lead">{text.portal.ready.programText}</p>
          <Program entrance={entrance} info={info} />
        </section>
      </div>
      <p class="under">
        {entrance.expires_unix_ms !== undefined && !expired && (
          <span>{text.portal.ready.expires(formatClock(entrance.expires_unix_ms))} </span>
        )}
        {text.portal.ready.keepOpen}
      </p>
      <p class="under"><button type="button" class="quiet" onClick={onOther}>{text.portal.startAgain}</button></p>
    </section>
  );
}

function Program({ entrance, info }: { entrance: Entrance; info: PortalInfo }) {
  const [shown, setShown] = useState(isForThisComputer);
  const download = ownDownload(entrance, info);
  const allow = 'chmod +x causeway-client';
  if (!shown) {
    return (
      <>
        <p>{text.portal.ready.otherComputer}</p>
        <button type="button" onClick={() => setShown(true)} data-testid="show-steps">
          {text.portal.ready.showSteps}
        </button>
      </>
    );
  }
  return (
    <ol class="steps">
      <li>
        <h3>{text.portal.ready.step1}</h3>
        {download
          ? (
            <a class="button" href={download} download="causeway-client" data-testid="client-download">
              {text.portal.ready.download}
            </a>
          )
          : <p>{text.portal.ready.noDownload}</p>}
      </li>
      <li>
        <h3>{text.portal.ready.step2}</h3>
        <pre class="command" tabIndex={0}>{allow}</pre>
        <CopyButton value={allow} label={text.portal.ready.copyCommand} />
      </li>
      <li>
        <h3>{text.portal.ready.step3}</h3>
        <pre class="command" tabIndex={0} data-testid="client-command">{entrance.command}</pre>
        <CopyButton value={entrance.command} label={text.portal.ready.copyCommand} />
        <p class="hint">{text.portal.ready.step3Text}</p>
      </li>
    </ol>
  );
}
