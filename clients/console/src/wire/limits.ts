/* SPDX-License-Identifier: Apache-2.0 */
/* The browser's copy of the wire limits in engine/limits.h; a unit test compares the two. */

export const FRAME_BYTES_MAX = 16384;
export const FRAME_HEADER_BYTES = 16;
export const FRAME_PAYLOAD_BYTES_MAX = FRAME_BYTES_MAX - FRAME_HEADER_BYTES;
export const HELLO_BYTES_MAX = 1280;
export const HELLO_REPLY_BODY_BYTES_MAX = 4096;
export const TICKET_BYTES = 152;
export const TICKET_ID_BYTES = 16;
export const KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const EXPORTER_BYTES = 32;
export const CHAT_TEXT_BYTES_MAX = 12000;
export const NAME_BYTES_MAX = 512;
export const REASON_TEXT_BYTES_MAX = 200;
export const TOOL_QUESTION_BYTES_MAX = 800;
export const EVENT_BYTES_MAX = FRAME_PAYLOAD_BYTES_MAX;
export const STATISTICS_BYTES_MAX = 4096;
export const STREAM_PARAMETERS_BYTES_MAX = 1024;
export const CURSOR_SIDE_PX_MAX = 128;
export const SCREEN_WIDTH_PX_MAX = 7680;
export const SCREEN_HEIGHT_PX_MAX = 4320;
export const SCREEN_MESSAGE_BYTES_MAX = 26 * 1024 * 1024;
export const TIME_PING_S = 20;
export const TIME_SILENCE_S_MAX = 60;
export const TIME_SESSION_GRACE_S = 60;
