/* SPDX-License-Identifier: Apache-2.0 */
/* engine/base/version.h - the version every program of Causeway says it has. */
#ifndef CW_ENGINE_BASE_VERSION_H
#define CW_ENGINE_BASE_VERSION_H

#define CW_VERSION "0.1.0"

#endif
