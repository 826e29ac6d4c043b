/* SPDX-License-Identifier: Apache-2.0 */
/* Making a backup while the appliance runs. */
import { useState } from 'preact/hooks';
import { serviceApi, type MadeBackup } from '../../api/service';
import { text } from '../../text';
import { formatBytes, formatNumber } from '../../text/format';
import { Field } from '../../view/fields';
import { Form, FormBar, useForm } from '../../view/form';
import { Card, Facts, Page } from '../../view/page';

const PASSPHRASE_MIN = 12;

export default function BackupsPage() {
  const words = text.service.backup;
  const [made, setMade] = useState<MadeBackup | null>(null);
  const [turn, setTurn] = useState(0);
  return (
    <Page title={words.title} lead={words.lead} width="text" testId="backups-page">
      {made && (
        <Card title={words.done} testId="backup-made">
          <Facts rows={[
            [words.file, <span class="mono" data-testid="backup-file">{made.file}</span>],
            [words.size, formatBytes(made.bytes)],
            [words.files, formatNumber(made.files)],
            [words.version, made.version],
          ]} />
          <p class="hint">{words.where}</p>
        </Card>
      )}
      <Card title={words.make}>
        <BackupForm key={turn} onMade={(backup) => {
          setMade(backup);
          setTurn(turn + 1);
        }} />
      </Card>
    </Page>
  );
}

function BackupForm({ onMade }: { onMade: (made: MadeBackup) => void }) {
  const words = text.service.backup;
  const form = useForm({ passphrase: '', repeat: '' }, {
    check: (values) => ({
      passphrase: [...values.passphrase].length < PASSPHRASE_MIN ? words.tooShort : '',
      repeat: values.passphrase !== values.repeat ? words.different : '',
    }),
    save: async (values) => onMade(await serviceApi.backUp(values.passphrase)),
  });
  return (
    <Form form={form} label={words.make}>
      <Field label={words.passphrase} hint={words.passphraseHint} type="password" autocomplete="new-password" {...form.text('passphrase')} />
      <Field label={words.repeat} type="password" autocomplete="new-password" {...form.text('repeat')} />
      <FormBar form={form} save={words.make} />
    </Form>
  );
}
