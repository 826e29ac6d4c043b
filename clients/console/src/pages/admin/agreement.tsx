/* SPDX-License-Identifier: Apache-2.0 */
/* The agreement that everybody accepts at sign-in. */
import { optionsApi, type PublishedAgreement } from '../../api/options';
import { text } from '../../text';
import { formatDateTime } from '../../text/format';
import { confirm } from '../../view/confirm';
import { Field, TextArea } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Card, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { toast } from '../../view/toast';
import { attempt } from './parts';

export default function AgreementPage() {
  const words = text.options.agreement;
  const current = useResource(async () => (await optionsApi.agreement()).agreement);
  const withdraw = async (agreement: PublishedAgreement) => {
    const yes = await confirm({ title: words.withdrawTitle(agreement.title), text: words.withdrawText, action: words.withdraw, danger: true });
    if (yes && await attempt(() => optionsApi.withdraw(), words.withdrawn)) {
      await current.reload();
    }
  };
  return (
    <Page title={words.title} lead={words.lead} width="text" testId="agreement-page">
      <AgreementNow current={current} onWithdraw={withdraw} />
      <Card title={words.edit}>
        <NewText onPublished={current.reload} />
      </Card>
    </Page>
  );
}

function AgreementNow({ current, onWithdraw }: {
  current: ReturnType<typeof useResource<PublishedAgreement | null>>; onWithdraw: (agreement: PublishedAgreement) => Promise<void>;
}) {
  const words = text.options.agreement;
  const agreement = current.value;
  return (
    <Card title={words.inForce} testId="agreement-now" {...(agreement && { actions: (
      <button type="button" class="danger" data-testid="agreement-withdraw" onClick={() => void onWithdraw(agreement)}>{words.withdraw}</button>
    ) })}>
      {agreement ? (
        <>
          <h3>{agreement.title}</h3>
          <p class="hint">{words.version(agreement.version, formatDateTime(agreement.published_unix_ms))}</p>
          <p class="agreement-text">{agreement.text}</p>
        </>
      ) : current.loading || current.error !== '' ? <Loaded resource={current}>{() => null}</Loaded> : <p class="hint">{words.none}</p>}
    </Card>
  );
}

function NewText({ onPublished }: { onPublished: () => Promise<void> }) {
  const words = text.options.agreement;
  const form = useForm({ title: '', text: '' }, {
    check: (values) => ({ text: values.title.trim() === '' || values.text.trim() === '' ? words.textNeeded : '' }),
    save: async (values) => {
      if (await confirm({ title: words.publishTitle, text: words.publishText, action: words.publish })) {
        await optionsApi.publish(values.title.trim(), values.text);
        toast(words.published);
        await onPublished();
      }
    },
  });
  return (
    <Form form={form} label={words.edit}>
      <Field label={words.heading} maxLength={128} {...form.text('title')} />
      <TextArea label={words.text} rows={10} maxLength={8000} spellcheck {...form.text('text')} />
      <FormBar form={form} save={words.publish} />
    </Form>
  );
}
