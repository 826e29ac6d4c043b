/* SPDX-License-Identifier: Apache-2.0 */
/* A sample. */
#ifndef CW_ENGINE_X_H
#define CW_ENGINE_X_H
#endif
