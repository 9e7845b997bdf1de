// SPDX-License-Identifier: Apache-2.0
package io.courtier.protocol;

/** The Will Message of a CONNECT, with its properties (Will Delay Interval among them). */
public record Will(TopicName topic, byte[] payload, QoS qos, boolean retain, Properties properties) {}
