/* SPDX-License-Identifier: Apache-2.0 */
/* The look of a portal, with a picture of it that follows what is typed. */
import { useEffect, useRef } from 'preact/hooks';
import { portalsApi, type PortalSettings } from '../../api/desk';
import { coloursOf } from '../../portal/colours';
import { text } from '../../text';
import { formatBytes } from '../../text/format';
import { Field, FieldGroup, TextArea } from '../../view/fields';
import { Form, FormBar, useForm, type FormState } from '../../view/form';
import { toast } from '../../view/toast';
import { attempt } from './parts';

const LOGO_BYTES_MAX = 40 * 1024;
const COLOUR = /^#[0-9a-f]{6}$/i;
/* What the pickers begin with: the page's own colours. */
const standard = { accent: '#0b5c8f', background: '#f3f5f8', foreground: '#18222e' } as const;

interface Look {
  name: string;
  title: string;
  text: string;
  accent: string;
  background: string;
  foreground: string;
}

type ColourName = 'accent' | 'background' | 'foreground';

export function PortalLook({ portal, onSaved }: { portal: PortalSettings; onSaved: (portal: PortalSettings) => void }) {
  const words = text.portals;
  const form = useForm<Look>({
    name: portal.name, title: portal.title, text: portal.text,
    accent: portal.accent, background: portal.background, foreground: portal.foreground,
  }, {
    check: (values) => ({
      name: values.name.trim() === '' ? text.admin.nameNeeded : '',
      accent: wrongColour(values.accent), background: wrongColour(values.background), foreground: wrongColour(values.foreground),
    }),
    fieldOf: (error) => (error.code === 'CONFLICT' ? 'name' : undefined),
    save: async (_, changed) => onSaved(await portalsApi.set(portal.id, changed)),
    saved: () => toast(text.common.actions.saved),
  });
  return (
    <div class="look">
      <div class="look-form">
        <Form form={form} label={words.tabs.look}>
          <Field label={words.name} hint={words.nameHint} maxLength={128} {...form.text('name')} />
          <Field label={words.heading} hint={words.headingHint} maxLength={120} {...form.text('title')} />
          <TextArea label={words.words} hint={words.wordsHint} rows={3} maxLength={2000} {...form.text('text')} />
          <FieldGroup title={words.colours} lead={words.coloursLead}>
            {(['accent', 'background', 'foreground'] as const).map((name) => <Colour key={name} form={form} name={name} />)}
          </FieldGroup>
          <FormBar form={form} />
        </Form>
        <Logo portal={portal} onChanged={(logo) => onSaved({ ...portal, logo })} />
      </div>
      <Preview look={form.values} portal={portal} />
    </div>
  );
}

function wrongColour(value: string): string {
  return value === '' || COLOUR.test(value) ? '' : text.portals.colourWrong;
}

function Colour({ form, name }: { form: FormState<Look>; name: ColourName }) {
  const words = text.portals;
  const value = form.values[name];
  return (
    <div class="colour-line">
      <Field label={words[name]} mono maxLength={7} placeholder={words.standardColour} {...form.text(name)} />
      <input type="color" aria-label={words.pick(words[name])} data-testid={`pick-${name}`}
        value={COLOUR.test(value) ? value.toLowerCase() : standard[name]}
        onInput={(event) => form.set(name, event.currentTarget.value)} />
    </div>
  );
}

/* The bytes in base64url without padding, as the appliance takes pictures. */
export function base64url(bytes: Uint8Array): string {
  let letters = '';
  for (const byte of bytes) {
    letters += String.fromCharCode(byte);
  }
  return btoa(letters).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function Logo({ portal, onChanged }: { portal: PortalSettings; onChanged: (logo: string) => void }) {
  const words = text.portals;
  const input = useRef<HTMLInputElement>(null);
  const upload = async (file: File) => {
    if (file.size > LOGO_BYTES_MAX) {
      toast(words.logoTooLarge(formatBytes(file.size)), 'error');
      return;
    }
    await attempt(async () => {
      const picture = base64url(new Uint8Array(await file.arrayBuffer()));
      onChanged((await portalsApi.setLogo(portal.id, picture)).logo ?? '');
    }, words.logoSaved);
  };
  return (
    <section class="field-group" aria-label={words.logo}>
      <p class="group-title">{words.logo}</p>
      <p class="hint group-lead">{words.logoHint}</p>
      <div class="logo-line">
        <div class="logo-box">
          {portal.logo ? <img src={portal.logo} alt={words.logoOf(portal.name)} data-testid="logo" /> : <span class="hint">{words.noLogo}</span>}
        </div>
        <input ref={input} type="file" accept="image/png,image/jpeg" class="visually-hidden" tabIndex={-1}
          aria-label={words.upload} data-testid="logo-file" onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = '';
            if (file) {
              void upload(file);
            }
          }} />
        <button type="button" onClick={() => input.current?.click()}>{words.upload}</button>
        {portal.logo && (
          <button type="button" data-testid="logo-remove" onClick={() => void attempt(async () => {
            await portalsApi.setLogo(portal.id, '');
            onChanged('');
          }, words.logoSaved)}>{text.common.actions.remove}</button>
        )}
      </div>
    </section>
  );
}

/* What the customer sees, small: the same colours from the same rules, nothing that can be used. */
function Preview({ look, portal }: { look: Look; portal: PortalSettings }) {
  const words = text.portals;
  const box = useRef<HTMLDivElement>(null);
  const valid = (value: string) => (COLOUR.test(value) ? value : null);
  const accent = valid(look.accent);
  const background = valid(look.background);
  const foreground = valid(look.foreground);
  useEffect(() => {
    const dark = document.documentElement.dataset.theme === 'dark'
      || (document.documentElement.dataset.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
    const element = box.current!;
    element.removeAttribute('style');
    for (const [name, value] of Object.entries(coloursOf({ accent, background, foreground }, dark))) {
      element.style.setProperty(name, value);
    }
  }, [accent, background, foreground]);
  return (
    <figure class="look-preview">
      <figcaption><strong>{words.preview}</strong><span class="hint">{words.previewNote}</span></figcaption>
      <div class="preview-page" ref={box} data-testid="portal-preview">
        <div class="preview-head">
          {portal.logo ? <img src={portal.logo} alt="" /> : <span class="preview-mark" />}
        </div>
        <p class="preview-title">{look.title || words.previewTitle}</p>
        {look.text !== '' && <p class="preview-text">{look.text}</p>}
        <div class="preview-cards">
          {portal.show_keys && (
            <div class="preview-card">
              <p>{words.previewKey}</p>
              <span class="preview-input" />
              <span class="preview-button">{words.previewContinue}</span>
            </div>
          )}
          {portal.show_issues && (
            <div class="preview-card">
              <p>{words.previewIssue}</p>
              <span class="preview-input" />
              <span class="preview-button">{words.previewHelp}</span>
            </div>
          )}
        </div>
      </div>
    </figure>
  );
}
