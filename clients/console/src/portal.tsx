/* SPDX-License-Identifier: Apache-2.0 */
/* The customer's page: a session key becomes a command that starts the customer client. */
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type CheckedKey, portalApi, type PortalInfo } from './api/portal';
import { sentence } from './api/request';
import { tidyKey } from './portal_key';
import { chooseLanguage, text } from './text/portal';
import { startTheme } from './theme';
import { Brand, CopyButton, ErrorLine, Field } from './view/parts';

function Portal() {
  const [info, setInfo] = useState<PortalInfo | null>(null);
  const [checked, setChecked] = useState<CheckedKey | null>(null);
  const [key, setKey] = useState(() => tidyKey(new URLSearchParams(location.search).get('key') ?? ''));
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);

  const check = async () => {
    const tidy = tidyKey(key);
    if (tidy === '') {
      setError(text.portal.needKey);
      return;
    }
    setBusy(true);
    setError('');
    setKey(tidy);
    try {
      setChecked(await portalApi.checkKey(tidy));
    } catch (caught) {
      setError(sentence(caught));
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    portalApi.info().then(setInfo, () => undefined);
    if (key !== '') {
      void check();
    }
  }, []);
  useEffect(() => {
    document.title = info?.name || text.common.product;
  }, [info]);

  return (
    <div class="entry-page">
      <a class="skip" href="#content">{text.common.skipToContent}</a>
      <header class="entry-head"><Brand name={info?.name} /></header>
      <main id="content" tabIndex={-1}>
        {checked
          ? <Steps checked={checked} info={info} onOther={() => {
              setChecked(null);
              setKey('');
            }} />
          : <KeyForm typed={key} error={error} busy={busy} onInput={setKey} onSubmit={() => void check()} />}
      </main>
      <footer class="entry-foot">
        {text.portal.staff}<a href="/console">{text.portal.staffLink}</a>
      </footer>
    </div>
  );
}

interface KeyFormProps {
  typed: string;
  error: string;
  busy: boolean;
  onInput: (value: string) => void;
  onSubmit: () => void;
}

function KeyForm({ typed, error, busy, onInput, onSubmit }: KeyFormProps) {
  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy) {
      onSubmit();
    }
  };
  return (
    <section class="card entry" aria-labelledby="entry-title">
      <h1 id="entry-title">{text.portal.title}</h1>
      <p class="lead">{text.portal.lead}</p>
      <form onSubmit={submit} noValidate>
        <Field label={text.portal.keyLabel} name="key" value={typed} onInput={onInput} hint={text.portal.keyHint}
          className="key-field" testId="key-input" autofocus invalid={error !== ''} describedBy="portal-error"
          maxLength={64} />
        <ErrorLine id="portal-error" testId="portal-error">{error}</ErrorLine>
        <button type="submit" class="primary wide-button" data-testid="key-submit" aria-disabled={busy}>
          {busy ? text.portal.busy : text.portal.button}
        </button>
      </form>
    </section>
  );
}

/* Only an address on this appliance is offered, whatever the answer says. */
function ownDownload(checked: CheckedKey, info: PortalInfo | null): string | null {
  return checked.download?.startsWith('/download/') && info?.download_available !== false ? checked.download : null;
}

function Steps({ checked, info, onOther }: { checked: CheckedKey; info: PortalInfo | null; onOther: () => void }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const download = ownDownload(checked, info);
  const allow = 'chmod +x causeway-client';
  return (
    <section class="card entry steps-card" aria-labelledby="entry-title">
      <h1 id="entry-title" ref={title} tabIndex={-1} data-testid="portal-ready">
        {text.portal.readyTitle(checked.representative)}
      </h1>
      <p class="lead">{text.portal.readyLead}</p>
      <ol class="steps">
        <li>
          <h2>{text.portal.step1}</h2>
          {download ? (
            <>
              <p>{text.portal.step1Text}</p>
              <a class="button" href={download} download="causeway-client" data-testid="client-download">
                {text.portal.download}
              </a>
            </>
          ) : <p>{text.portal.noDownload}</p>}
        </li>
        <li>
          <h2>{text.portal.step2}</h2>
          <pre class="command" tabIndex={0}>{allow}</pre>
          <CopyButton value={allow} label={text.portal.copyCommand} />
        </li>
        <li>
          <h2>{text.portal.step3}</h2>
          <pre class="command" tabIndex={0} data-testid="client-command">{checked.command}</pre>
          <CopyButton value={checked.command} label={text.portal.copyCommand} primary />
          <p class="hint">{text.portal.step3Text}</p>
        </li>
      </ol>
      <button type="button" class="quiet" onClick={onOther}>{text.portal.otherKey}</button>
    </section>
  );
}

startTheme('system');
await chooseLanguage(null);
render(<Portal />, document.getElementById('app')!);
