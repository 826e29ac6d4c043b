/* SPDX-License-Identifier: Apache-2.0 */
/* What customers are told: for all portals, or for one. */
import { useRef, useState } from 'preact/hooks';
import { portalsApi, type CustomerMessage } from '../../api/desk';
import { text } from '../../text';
import { TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Badge, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { attempt } from './parts';

type MessageName = keyof typeof text.portals.messages.names;
type Macro = keyof typeof text.portals.messages.meanings;

const waiting: readonly Macro[] = ['CUSTOMER', 'POSITION', 'WAIT', 'QUEUE', 'APPLIANCE'];
const mail: readonly Macro[] = ['KEY', 'URL', 'PORTAL_URL', 'PORTAL', 'VALID', 'REPRESENTATIVE', 'APPLIANCE'];
const macrosOf: Readonly<Partial<Record<MessageName, readonly Macro[]>>> = {
  greeting: waiting, hold: waiting, orphaned: waiting, finished: waiting, invite_subject: mail, invite_body: mail,
};

export default function MessagesPage() {
  const words = text.portals.messages;
  return (
    <Page title={words.title} lead={words.lead} width="text" testId="messages-page">
      <Messages portal={0} />
    </Page>
  );
}

/* portal 0: of the appliance. */
export function Messages({ portal, lead }: { portal: number; lead?: string }) {
  const messages = useResource(() => portalsApi.messages(portal), ['portals_changed'], [portal]);
  return (
    <>
      {lead && <p class="hint">{lead}</p>}
      <Loaded resource={messages}>
        {(all) => (
          <ul class="member-list messages">
            {all.map((message) => (
              <Message key={message.name} message={message} portal={portal} onChanged={() => messages.reload()} />
            ))}
          </ul>
        )}
      </Loaded>
    </>
  );
}

function Message({ message, portal, onChanged }: { message: CustomerMessage; portal: number; onChanged: () => Promise<void> }) {
  const [open, setOpen] = useState(false);
  const words = text.portals.messages;
  const names: Readonly<Record<string, { readonly title: string; readonly when: string } | undefined>> = words.names;
  const title = names[message.name]?.title ?? message.name;
  const own = portal !== 0 ? message.portal_own : message.text !== message.default;
  return (
    <li class="message" data-testid={`message-${message.name}`} data-own={own}>
      <button type="button" class="quiet message-head" aria-expanded={open} data-testid={`message-open-${message.name}`}
        onClick={() => setOpen(!open)}>
        <span class="message-title">{title}</span>
        <Badge tone={own ? 'accent' : 'neutral'}>
          {own ? (portal !== 0 ? words.ownPortal : words.own) : portal !== 0 ? words.appliance : words.standard}
        </Badge>
        {!open && <span class="message-text">{message.text || '–'}</span>}
      </button>
      {open && (
        <MessageForm key={message.text} title={title} when={names[message.name]?.when ?? message.when} message={message}
          portal={portal} own={own} onChanged={onChanged} />
      )}
    </li>
  );
}

function MessageForm({ title, when, message, portal, own, onChanged }: {
  title: string; when: string; message: CustomerMessage; portal: number; own: boolean; onChanged: () => Promise<void>;
}) {
  const words = text.portals.messages;
  const box = useRef<HTMLDivElement>(null);
  const macros = macrosOf[message.name as MessageName] ?? [];
  const form = useForm({ text: message.text }, {
    save: async (values) => {
      await portalsApi.setMessage(portal, message.name, values.text);
      await onChanged();
    },
    saved: () => toast(text.common.actions.saved),
  });
  const insert = (macro: Macro) => {
    const area = box.current!.querySelector('textarea')!;
    const at = area.selectionStart;
    form.set('text', `${area.value.slice(0, at)}%${macro}%${area.value.slice(area.selectionEnd)}`);
    requestAnimationFrame(() => {
      area.focus();
      area.setSelectionRange(at + macro.length + 2, at + macro.length + 2);
    });
  };
  return (
    <div class="message-body" ref={box}>
      <Form form={form} label={title}>
        <TextArea label={title} hideLabel hint={when} rows={message.name === 'invite_body' ? 8 : 3} maxLength={2000} spellcheck {...form.text('text')} />
        {macros.length > 0 && (
          <div class="macros" role="group" aria-label={words.macros}>
            {macros.map((macro) => (
              <button key={macro} type="button" class="macro mono" title={words.meanings[macro]}
                aria-label={words.insert(`%${macro}%`, words.meanings[macro])} data-testid={`macro-${macro}`} onClick={() => insert(macro)}>
                {`%${macro}%`}
              </button>
            ))}
          </div>
        )}
        {own && !form.dirty && (
          <div class="form-bar">
            <button type="button" data-testid="message-reset" onClick={() => void attempt(async () => {
              await portalsApi.setMessage(portal, message.name, null);
              await onChanged();
            }, words.wasReset)}>{portal !== 0 ? words.resetPortal : words.reset}</button>
          </div>
        )}
        {form.dirty && <FormBar form={form} />}
      </Form>
    </div>
  );
}
