/* SPDX-License-Identifier: Apache-2.0 */
/* The portal, step by step:
 *
 *   start --key, issue, person--> (terms) --> ready --program or chat--> waiting --> active --> after
 *   ?button= begins at ready, ?visit= wherever that visit is, ?invitation= and ?survey= have pages of their own
 *
 * From ready on the visit's token says which step it is; a reload goes on there.
 */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { type Entrance, portalApi, type PortalInfo, type PortalLook } from '../api/portal';
import { sentence } from '../api/request';
import { canChat, dropKeptChat, hasKeptChat } from '../customer/kept_chat';
import { chooseLanguage, text } from '../text/portal';
import type { Language } from '../text/types';
import { type Address, cleanAddress, readAddress } from './address';
import { After } from './after';
import { Chat } from './chat';
import { paint } from './colours';
import { Foot, Head } from './head';
import { Invitation } from './invitation';
import { keepVisit, type Kept, keptVisit } from './kept';
import { Closed } from './notices';
import { StepTitle } from './parts';
import { Ready } from './ready';
import { refusal } from './refusal';
import { rememberLanguage } from './remembered';
import { Start, useFreshInfo } from './start';
import { Survey } from './survey';
import { Terms } from './terms';
import { useVisit } from './use_visit';
import { Active, Waiting } from './waiting';

const LOGO_WAIT_MS = 2_000;

/* The logo is shown only once it is there: nothing on the page moves for it. */
async function loadedLogo(info: PortalInfo): Promise<string | null> {
  const path = info.portal?.logo;
  if (!path?.startsWith('/logos/')) {
    return null;
  }
  const image = new Image();
  image.src = path;
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), LOGO_WAIT_MS));
  return Promise.race([image.decode().then(() => path, () => null), late]);
}

export function Portal() {
  const [address] = useState(() => readAddress(location));
  const [info, setInfo] = useState<PortalInfo | null>(null);
  const [logo, setLogo] = useState<string | null>(null);
  const [error, setError] = useState('');
  const [atStart, setAtStart] = useState(true);
  const [, setSpoken] = useState(0);

  const load = async () => {
    setError('');
    try {
      const loaded = await portalApi.info(address.portal);
      const picture = await loadedLogo(loaded);
      paint(loaded.portal);
      document.title = loaded.portal.title || loaded.name || text.common.product;
      setLogo(picture);
      setInfo(loaded);
    } catch (caught) {
      setError(sentence(caught));
    }
  };
  useEffect(() => void load(), []);
  /* An address with a secret behind the #, put into a tab that has the portal open already. */
  useEffect(() => {
    const changed = () => location.hash.includes('=') && location.reload();
    window.addEventListener('hashchange', changed);
    return () => window.removeEventListener('hashchange', changed);
  }, []);

  const speak = (chosen: Language) => {
    rememberLanguage(chosen);
    void chooseLanguage(chosen).then(() => setSpoken((times) => times + 1));
  };
  return (
    <div class="portal">
      <a class="skip" href="#content" onClick={(event) => {
        event.preventDefault();
        document.getElementById('content')?.focus();
      }}>{text.common.skipToContent}</a>
      {(info || error !== '') && (
        <Head info={info} logo={logo} named={!atStart || !info?.portal.title} onLanguage={speak} />
      )}
      <main id="content" tabIndex={-1}>
        {info && <Steps info={info} address={address} onInfo={setInfo} onStart={setAtStart} />}
        {!info && error !== '' && (
          <section class="card part step">
            <h1>{text.portal.loadFailed}</h1>
            <p role="alert" data-testid="load-error">{error}</p>
            <p><button type="button" class="primary" onClick={() => void load()}>{text.common.tryAgain}</button></p>
          </section>
        )}
      </main>
      {info && <Foot />}
    </div>
  );
}

interface StepsProps {
  info: PortalInfo;
  address: Address;
  onInfo: (info: PortalInfo) => void;
  onStart: (atStart: boolean) => void;
}

function firstVisit(address: Address): Kept | null {
  if (address.visit !== '') {
    return { token: address.visit, entrance: null, customer: '', agreed: false };
  }
  return address.key === '' && address.button === '' ? keptVisit() : null;
}

function Steps({ info, address, onInfo, onStart }: StepsProps) {
  const [kept, setKept] = useState<Kept | null>(() => firstVisit(address));
  const [initialKey, setInitialKey] = useState(address.key);
  const [button, setButton] = useState(address.button);
  const [reading, setReading] = useState(false); /* the agreement */
  const [chatting, setChatting] = useState(() => kept !== null && hasKeptChat());
  const [chatError, setChatError] = useState('');
  const { visit, lost, gone } = useVisit(kept?.token || null);
  const atStart = kept === null && button === '' && address.invitation === '' && address.survey === '';
  useFreshInfo(address.portal, atStart, onInfo);
  useLayoutEffect(() => onStart(atStart && !reading), [atStart, reading]);

  const enter = (entrance: Entrance, customer: string, agreed: boolean) => {
    const next: Kept = { token: entrance.visit ?? '', entrance, customer, agreed };
    cleanAddress();
    setInitialKey('');
    dropKeptChat();
    setChatError('');
    keepVisit(next.token === '' ? null : next);
    setKept(next);
  };
  const again = () => {
    cleanAddress();
    dropKeptChat();
    setChatting(false);
    keepVisit(null);
    setKept(null);
    setButton('');
    setInitialKey('');
    portalApi.info(address.portal).then(onInfo, () => undefined);
  };
  useEffect(() => {
    if (gone) {
      keepVisit(null);
    }
  }, [gone]);

  if (address.invitation !== '' && kept === null) {
    return <Invitation initialKey={address.invitation} />;
  }
  if (address.survey !== '' && kept === null) {
    return (
      <section class="step-wide narrow">
        <h1 class="visually-hidden">{text.portal.survey.title}</h1>
        <Survey token={address.survey} onSent={() => undefined} />
      </section>
    );
  }
  if (button !== '' && kept === null) {
    return <ByButton secret={button} info={info} onEntrance={enter} onAgain={again} />;
  }
  if (kept === null) {
    return (
      <Start info={info} initialKey={initialKey} onEntrance={enter} onReading={setReading}
        onStale={() => portalApi.info(address.portal).then(onInfo, () => undefined)} />
    );
  }
  if (chatting && visit?.state !== 'ended') {
    return (
      <Chat kept={kept} button={button} title={info.portal.title} visit={visit} lost={lost}
        onVisit={(token) => {
          const next = { ...kept, token };
          keepVisit(next);
          setKept(next);
        }}
        onFailed={(message) => {
          setChatting(false);
          setChatError(message);
        }}
        onEnded={() => setChatting(false)} />
    );
  }
  if (gone) {
    return <Gone onAgain={again} />;
  }
  if (visit?.state === 'waiting') {
    return <Waiting visit={visit} lost={lost} live={!lost} />;
  }
  if (visit?.state === 'active') {
    return <Active visit={visit} />;
  }
  if (visit?.state === 'ended') {
    return <After visit={visit} token={kept.token} onAgain={again} />;
  }
  if (kept.entrance) {
    return (
      <Ready entrance={kept.entrance} info={info} expired={visit?.state === 'expired'} error={chatError}
        onChat={canChat() && (kept.entrance.key || button !== '') ? () => setChatting(true) : null} onOther={again} />
    );
  }
  return visit ? <Gone onAgain={again} /> : <p class="loading" role="status">{text.common.loading}</p>;
}

function Gone({ onAgain }: { onAgain: () => void }) {
  return (
    <section class="card part step" data-testid="visit-gone">
      <StepTitle>{text.portal.after.gone}</StepTitle>
      <p><button type="button" class="primary" onClick={onAgain}>{text.portal.startAgain}</button></p>
    </section>
  );
}

interface ByButtonProps {
  secret: string;
  info: PortalInfo;
  onEntrance: (entrance: Entrance, customer: string, agreed: boolean) => void;
  onAgain: () => void;
}

/* A Support Button was pressed: whether it is good and its portal open, and its agreement, come before anything else. */
function ByButton({ secret, info, onEntrance, onAgain }: ByButtonProps) {
  const [entrance, setEntrance] = useState<Entrance | null>(null);
  const [closed, setClosed] = useState<PortalLook | null>(null);
  const [error, setError] = useState('');
  const check = async () => {
    try {
      const checked = await portalApi.checkButton(secret);
      const { portal } = checked.portal === info.portal.code ? info : await portalApi.info(checked.portal);
      if (!portal.is_open) {
        setClosed(portal);
      } else if (checked.agreement) {
        setEntrance(checked);
      } else {
        onEntrance(checked, '', false);
      }
    } catch (caught) {
      setError(refusal(caught, { 404: text.portal.key.buttonOver, 410: text.portal.key.buttonOver,
        429: text.portal.key.tooMany, 0: text.common.errors.unreachable, 503: text.common.errors.unavailable }));
    }
  };
  useEffect(() => void check(), []);
  if (entrance) {
    return <Terms terms={entrance} onAccept={async () => onEntrance(entrance, '', true)} onDecline={onAgain} />;
  }
  if (error === '' && !closed) {
    return <p class="loading" role="status">{text.common.loading}</p>;
  }
  return (
    <section class="step-wide narrow">
      {closed && <Closed look={closed} />}
      {error !== '' && <p class="error-line" role="alert" data-testid="button-error">{error}</p>}
      <p><button type="button" class="primary" onClick={onAgain}>{text.portal.startAgain}</button></p>
    </section>
  );
}
