# Unbuilt here. Asterisk 22 of Debian's next release, with Wusul's dialplans; its configuration is written by `prepare`.
FROM debian:forky-20251117-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends asterisk \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o 1000 -g 1000 /var/lib/wusul/switch
COPY dialplans /srv/wusul/dialplans
USER 1000:1000
CMD ["asterisk", "-f", "-C", "/var/lib/wusul/switch/etc/asterisk.conf"]
