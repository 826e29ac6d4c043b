/* SPDX-License-Identifier: Apache-2.0 */
/* Whether sessions are recorded. */
import { serviceApi, type Recording } from '../../api/service';
import { text } from '../../text';
import { confirm } from '../../view/confirm';
import { Segmented } from '../../view/fields';
import { Card, Loaded, Page } from '../../view/page';
import { useResource } from '../../view/resource';
import { attempt } from './parts';

const modes: readonly Recording[] = ['off', 'on', 'required'];

export default function RecordingModePage() {
  const words = text.service.recording;
  const status = useResource(() => serviceApi.status());
  const choose = async (mode: Recording) => {
    const yes = mode !== 'off' || await confirm({ title: words.offTitle, text: words.offText, action: words.turnOff, danger: true });
    if (yes && await attempt(() => serviceApi.setRecording(mode), words.saved)) {
      await status.reload();
    }
  };
  return (
    <Page title={words.title} lead={words.lead} width="text" testId="recording-page">
      <Loaded resource={status}>
        {({ recording }) => (
          <Card title={words.mode}>
            <Segmented label={words.mode} value={recording} testId="recording" onChange={(mode) => void choose(mode)}
              options={modes.map((value) => ({ value, label: words.modes[value] }))} />
            <p class="recording-meaning" data-testid="recording-meaning" data-mode={recording}>{words.hints[recording]}</p>
            <p class="hint">{words.note}</p>
          </Card>
        )}
      </Loaded>
    </Page>
  );
}
