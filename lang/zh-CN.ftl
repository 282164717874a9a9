# lanchat 的简体中文文本。消息与参数须同 en.ftl 一致，写法见 CONTRIBUTING.md。

## 语言

language-unknown = 没有“{ $given }”这种语言：请写 en 或 zh-CN

## 列举

list-comma = 、
list-or = {" "}或{" "}
list-and = {" "}和{" "}

## 命令行帮助

about-lanchat = 局域网聊天室：不用服务器，不用账号，不用设置
about-peers = 列出在线的人
about-send = 对大家说一句话，或悄悄告诉一个人，然后退出
about-listen = 显示别人说的话，自己不出声
about-history = 显示本机保存的聊天记录
about-doctor = 查明为什么看不到某个人
about-raw = 用纯文本 UDP 与 netcat、网络调试助手、脚本和设备通信
about-daemon = 不开窗口，留在聊天室里，供打开的窗口使用
about-id = 显示自己的名字、ID 和身份
about-completions = 输出 shell 的补全脚本
about-man = 输出手册页

help-start =
    在同一网络的几台机器上启动，它们会自动找到彼此，进入同一个房间。
    输入一行文字就是对大家说，“/msg 名字 文字”是悄悄话，/help 列出更多命令。
help-about-help = 显示本帮助，或某个命令的帮助
help-usage = 用法：{ $usage }
help-some-options = [选项]
help-some-command = [命令]
help-commands = 命令：
help-arguments = 参数：
help-options = 选项：
help-global-options = 所有命令通用的选项：
help-help = 显示帮助
help-version = 显示版本
help-gap = {""}
help-variable = （环境变量：{ $name }）
help-default =（默认：{ $value }）
help-choices = （可选：{ $names }）
help-choice = （{ $name }：{ $help }）

option-room = 要进入的房间，可重复给出；变量里用空格隔开（默认：上次的房间或 lobby）
option-private = 房间（除 lobby 外）是私密的：会询问暗号，除非本身份以前进去过
option-room-code-file = 这个房间，或几个房间里除 lobby 外唯一的一个，是私密的，暗号在这个文件里
option-weak-code = 即使文件里的暗号容易被猜到，也照用不误
option-name = 别人怎么称呼你（默认：身份名、登录名或机器名）
option-port = 同一房间的人共用的 UDP 端口（默认：25252）
option-interface = 只用这个网络接口；可重复给出多个（默认：除回环外的全部）
option-peer = 同时联系广播到不了的这个地址；可重复给出多个
option-profile = 使用哪个身份：各有自己的密钥和聊天记录（默认：default）
option-data-dir = 存放各个身份的目录
option-raw-port = 聊天或收听时，把发到这个 UDP 端口的纯文本显示为访客的话
option-raw-relay = 把访客的话以你的名义转述到房间里
option-raw-encoding = 纯文本的编码（默认：auto）
option-ephemeral = 临时换一个新身份，不在硬盘上留下任何东西
option-json = 每行输出一个 JSON 对象
option-plain = 在终端上也只逐行输出文本
option-typing = 别人能否看到你正在输入（默认：true）
option-notify = 不看窗口时怎样叫你：desktop（桌面）、bell（铃声）或 off（默认：都用）
option-config = 用这个配置文件代替通常的那个
option-lang = 语言：en 或 zh-CN（默认：随系统区域设置）
option-verbose = 在标准错误输出上报告运行情况；重复给出则更详细

of-completions-shell = 哪种 shell
of-man-command = 某个命令的手册页
of-peers-timeout = 查找多久，例如 500ms 或 3s
of-send-to = 只悄悄告诉这个人：名字、名字~abcd 或 ID
of-send-wait = 何时退出：发出之后，还是对方收到之后
choice-wait-sent = 已经发到网络上
choice-wait-delivered = 对方已确认收到
of-send-timeout = 最多尝试多久，例如 500ms 或 1m
of-send-text = 要说的话；多个词之间以空格相连；- 表示标准输入的每一行
of-listen-count = 收到这么多条消息和悄悄话后退出
of-listen-past = 以前说过的话，得知后也显示出来
of-listen-exec = 每条消息和悄悄话都运行这个命令，其 JSON 事件在标准输入上
of-listen-timeout = 收听多久，例如 30s 或 5m；不写则一直收听
of-history-search = 只显示含有这段文字的内容，不分大小写
of-history-with = 只显示与这个人之间的悄悄话：名字、名字~abcd 或 ID
of-history-limit = 只显示最新的这么多条消息和悄悄话；0 表示全部
of-doctor-timeout = 查看多久，至少 3s：丢包多时要久一些
of-raw-bind =
    收发所用的地址和端口，也可以只写其一
    （默认：0.0.0.0:8899；给出文字时端口任意）
of-raw-encoding =
    文字的编码：utf-8、gbk、gb18030、big5、shift_jis、euc-kr、windows-1251 等
    （默认：auto，能读 UTF-8 和本地区常用的编码，对方用什么编码就用什么回复）
of-raw-to = 发给谁
of-raw-listen-only = 只显示收到的内容
of-raw-crlf = 每行以回车换行结尾，许多设备需要这样
of-raw-text = 发送这段文字后退出；多个词之间以空格相连

# 选项的值用什么名字表示
value-name = 名称
value-nick = 昵称
value-port = 端口
value-interface = 接口
value-peer = IP[:端口]
value-address = IP:端口
value-directory = 目录
value-file = 文件
value-language = 语言
value-time = 时长
value-text = 文字
value-number = 数量
value-switch = 真假
value-wait = 状态

examples-lanchat =
    示例：
      lanchat                             在大厅（lobby）聊天
      lanchat --room attic --name alice   以 alice 的名字在 attic 聊天
      lanchat --room attic --private      在私密房间聊天，会询问暗号
      lanchat --room lobby --room attic   同时在两个房间聊天
      lanchat --profile bob               在同一台机器上再来一个人
      lanchat peers                       谁在线？
      lanchat send "开饭啦"               说一句话就退出
examples-peers =
    示例：
      lanchat peers --room attic --timeout 3s
examples-send =
    示例：
      lanchat send "开饭啦"
      lanchat send --to bob --wait delivered "给我回个电话"
      tail -f /var/log/syslog | lanchat send -
examples-listen =
    示例：
      lanchat listen --json --count 1 --timeout 1m
      lanchat listen --exec 'jq -r .text | festival --tts'
examples-history =
    示例：
      lanchat history --search 吃饭
      lanchat history --limit 0 --json >lobby.jsonl   导出全部记录
examples-doctor =
    示例：
      lanchat doctor
      lanchat doctor --room attic --private --timeout 20s
examples-raw =
    示例：
      lanchat raw --encoding gbk --to 198.18.0.2:8899   与使用 GBK 的脚本对话
      lanchat raw --to 198.18.0.2:9999 "你好"           发送一个数据报就退出
examples-daemon =
    示例：
      lanchat daemon -v
      systemctl --user enable --now lanchat   使用 contrib/lanchat.service
examples-id =
    示例：
      lanchat id --profile bob
examples-completions =
    示例：
      lanchat completions bash > ~/.local/share/bash-completion/completions/lanchat
examples-man =
    示例：
      lanchat man > ~/.local/share/man/man1/lanchat.1
      lanchat man send > ~/.local/share/man/man1/lanchat-send.1

## 命令行错误

usage-mistake = { $mistake }；详情请看 --help
usage-tip = { $mistake }；{ $tip }
usage-unknown-argument = 无法识别的参数“{ $argument }”
usage-unknown-command = 没有“{ $command }”这个命令
usage-missing = 缺少必需的参数：{ $arguments }
usage-repeated = 参数“{ $argument }”不能重复使用
usage-conflict = 参数“{ $argument }”不能与“{ $other }”同时使用
usage-conflicts = 参数“{ $argument }”不能与这些参数同时使用：{ $others }
usage-no-value = 参数“{ $argument }”后面还需要一个值
usage-value = “{ $value }”不能用作“{ $argument }”的值
usage-value-because = “{ $value }”不能用作“{ $argument }”的值：{ $reason }
usage-possible = { $mistake }（可选：{ $values }）
usage-too-many = “{ $argument }”不需要值“{ $value }”
usage-utf8 = 参数里有无效的 UTF-8 文字
usage-other = 这些参数不能这样搭配
usage-quoted = “{ $name }”
usage-similar-command =
    { $count ->
       *[other] 或许你想用命令{ $names }
    }
usage-similar-argument =
    { $count ->
       *[other] 或许你想用参数{ $names }
    }
usage-similar-value =
    { $count ->
       *[other] 或许你想写{ $names }
    }

duration-wrong = 请写成 500ms、3s 或 2m 这样，最长一年
number-empty = 请写一个整数
number-digit = 请写一个整数
number-large = 这个数太大了
number-small = 这个数太小了
number-port = { $given } 不是端口号，请写 1 到 65535 之间的数
number-count = { $given } 太小了，请写 1 以上的数

## 名字、房间与文字

name-empty = 名字至少要有一个看得见的字符
name-long = 名字最多 { $most } 个 UTF-8 字节，这个有 { $bytes } 个：请换个短一点的
name-invisible = 名字里不能有看不见的字符 U+{ $code }：请去掉它
room-name-empty = 房间名至少要有一个字符
room-name-long = 房间名最多 { $most } 个 UTF-8 字节，这个有 { $bytes } 个：请换个短一点的
room-name-blank = 房间名里不能有空格或看不见的字符：请写成一个词
room-code-empty = 暗号至少要有一个看得见的字符
room-code-long = 暗号最多 { $most } 个 UTF-8 字节，这个有 { $bytes } 个：请换个短一点的
text-empty = 没有要说的内容：请输入一些文字
text-long = 一条消息最多 { $most } 个 UTF-8 字节，这条有 { $bytes } 个：请分成几条说
reaction-empty = 回应要有一个表情或一个词
reaction-long = 回应最多 { $most } 个 UTF-8 字节，这个有 { $bytes } 个：请换个短一点的
reaction-blank = 回应是一个表情或一个词：请去掉空格和看不见的字符
topic-empty = 话题至少要有一个字符
topic-long = 话题最多 { $most } 个 UTF-8 字节，这个有 { $bytes } 个：请写短一点
note-empty = 留言至少要有一个字符
note-long = 留言最多 { $most } 个 UTF-8 字节，这个有 { $bytes } 个：请写短一点

## 系统给出的原因

system-number = { $what }，系统错误 { $number }
system-not-found = 没有这个文件或目录
system-permission = 没有权限
system-exists = 文件已经存在
system-no-directory = 不是目录
system-directory = 是一个目录
system-read-only = 只能读取，不能写入
system-full = 硬盘空间不足
system-no-text = 内容不是有效的 UTF-8 文字
system-pipe = 另一端已经关闭
system-in-use = 地址已被占用
system-no-address = 本机没有这个地址
system-unreachable = 网络不可达
system-network-down = 网络已断开
system-memory = 内存不足
system-in-use-file = 文件正被别的程序使用
system-cannot-open = 文件打不开
system-corrupt = 文件已损坏

## 设置：选项、变量与配置文件

settings-name = --name 无法使用：{ $error }
settings-room = --room 无法使用：{ $error }
settings-one-code = --room-code-file 只用于一个私密房间：请只给出它，其他房间用 /join 进入
settings-rooms = --room 给得太多：同时最多进入 { $most } 个房间
settings-private-lobby = 大厅（lobby）对所有人开放：请用 --room 名称 指定私密房间，或者不要给出暗号
settings-notify = --notify 无法使用：{ $error }
notify-no-way = { $way } 不是通知方式，请用 desktop、bell、desktop,bell 或 off
settings-profile = --profile 无法使用：请用 1 到 32 个英文字母、数字、- 或 _
settings-peer = --peer { $given } 不是 IPv4 地址：请写成 198.18.0.2 或 198.18.0.2:25253 这样
settings-encoding = --raw-encoding 无法使用：{ $error }
settings-relay = --raw-relay 没有可转述的内容：请加上 --raw-port 端口，或者去掉它
settings-room-port = UDP 端口 { $port } 是房间自己用的：请换一个 --raw-port
settings-lang = --lang 无法使用：{ $error }
settings-two-formats = --json 和 --plain 不能同时使用：请去掉一个（LANCHAT_JSON 和 LANCHAT_PLAIN 也算）
config-unreadable = 无法读取配置文件 { $file }（{ $reason }）：请修复它，或用 --config 指定另一个
config-invalid = 配置文件 { $file } 第 { $line } 行无法使用：{ $message }
config-two-formats = json 和 plain 不能同时使用
config-port = { $key } 不能是 0
config-line = 看不懂“{ $line }”，请检查名称和写法
config-retention = retention.{ $key } 须为 { $least } 到 { $most } 之间的整数

## 网络

port-held = UDP 端口 { $port } 被别的程序独占：请停止那个程序，或用 --port 换一个端口
port-refused = 无法打开 UDP 端口 { $port }（{ $reason }）：请用 --port 换一个
interface-unknown = 没有网络接口 { $name }：请用 --interface 从这些中选择：{ $known }
interfaces-unknown = 无法列出网络接口（{ $reason }）：请检查本程序的权限
raw-port-taken = { $ip } 上的 UDP 端口 { $port } 已被占用：请停止占用它的程序，或换一个端口
raw-address-foreign = { $ip } 不是本机的地址：请用本机的地址，或用 0.0.0.0 表示全部
raw-address-refused = 无法打开 { $bind }（{ $reason }）：请换一个地址或端口
raw-elsewhere = { $to } 不在 { $interfaces } 上：请换一个 --interface，或者去掉它
raw-no-network = 没有可以广播的网络：请连接网络，或换一个 --interface 或地址
raw-failed = 无法发送到 { $to }（{ $reason }）：请检查地址和网络

## 身份与房间

profile-in-use = { $holder }正在使用身份 { $name }：请用 --profile 名称 换一个，或用 --ephemeral 临时聊天
profile-garbage = { $file } 不是 lanchat 密钥：请放回正确的文件，或把它移走以换成新的人，或用 --profile 名称
profile-exposed = 这台机器的其他用户能接触到密钥 { $file }：请用 `{ $remedy }` 收回权限，或用 --profile 名称 换个身份
profile-unreadable = 无法读取 { $file }（{ $reason }）：请修正它的权限，或用 --profile 名称 或 --ephemeral
profile-unwritable = 无法写入 { $file }（{ $reason }）：请解决这个问题，或用 --data-dir 目录 换个地方，或用 --ephemeral
profile-homeless = 没有可以存放身份的主目录：请用 --data-dir 目录 指定地方，或用 --ephemeral
profile-random = 系统没有给出生成密钥的随机数（{ $reason }）：请稍后再试
profile-holder = 另一个 lanchat（进程 { $pid }）
profile-some-holder = 另一个 lanchat{" "}
daemon-ephemeral = 后台程序属于一个身份，供其他窗口连接：请去掉 --ephemeral
window-version = 另一个版本的 lanchat（进程 { $pid }）正在使用这个身份：请先结束它，或用 --profile 名称 换一个身份
window-other-port = 这个身份已在端口 { $port } 上，而要求的是 { $wanted }：请去掉 --port，或用 --ephemeral 在那里做另一个人
window-other-room = 现在已在另一个名为 { $room } 的聊天室里，暗号不同：请先离开它
window-silent = 使用这个身份的 lanchat 没有应答：请结束它，或用 --profile 名称 换一个身份
window-lost = 目前没有程序替你留在聊天室里（{ $reason }）：每两秒会再试一次
code-weak = 逐个尝试的话，这个暗号用一个处理器核心大约 { $duration }就能猜到（每次 0.25 秒、64 MiB，约 2^{ $bits } 种）
duration-billion-years = { $number }0 亿年
duration-million-years = { $number }00 万年
duration-years = { $number } 年
duration-days = { $number } 天
duration-hours = { $number } 小时
duration-minutes = { $number } 分钟
duration-seconds = { $number } 秒
code-unreadable = 无法读取暗号文件 { $file }（{ $reason }）：请换一个
code-unusable = 暗号文件 { $file } 无法使用：{ $reason }
code-unwritable = 无法把暗号写入 { $file }（{ $reason }）：请指定一个还不存在的文件
code-random = 系统没有给出生成暗号的随机数（{ $reason }）：请稍后再试
room-key-memory = 无法计算房间密钥，这需要 64 MiB 内存：请关闭一些程序后再试
keys-exposed = 这台机器的其他用户能接触到 { $file } 里的房间密钥：请用 `{ $remedy }` 收回权限；如果可能有人抄走，请重建这些房间
keys-unreadable = 无法读取 { $file }（{ $reason }）：请修正它的权限，或用 --room-code-file 文件 给出房间的暗号
keys-unwritable = 无法把房间密钥保存到 { $file }（{ $reason }）：请解决这个问题，或下次再输入暗号
not-a-place = 这不是一条消息的次序：请原样使用收到的值

## 聊天记录

store-newer = { $file } 是由更高版本的 lanchat 写的：请用那个版本，或用 --profile 名称 或 --ephemeral
store-older = { $file } 是由旧版本的 lanchat 写的：请不带命令启动一次本版本
store-damaged = { $file } 已损坏：请启动一次 lanchat，它会把旧文件移到一旁，重新开始
store-unusable = { $file } 无法使用（{ $reason }）：请解决这个问题，或用 --data-dir 目录 换个地方，或用 --ephemeral
store-thread = 系统无法再启动线程（{ $reason }）：请关闭一些程序后再试
history-ephemeral = 用了 --ephemeral 就没有聊天记录：请去掉它
history-usual-profile = 请去掉 --profile，使用通常的身份
history-other-profiles = 请用 { $options }
history-no-profile = 没有叫 { $name } 的身份：{ $remedy }
history-room = 在 { $room } 里
history-no-match = { $room } 的聊天记录里没有符合的内容
history-empty = { $room } 还没有聊天记录：lanchat 运行时说的话会保存在这里

## 纯文本数据报

raw-address = { $given } 不是带端口的 IPv4 地址：请写成 198.18.0.2:8899 这样
raw-encoding-unknown = 没有编码 { $given }：请用 auto、utf-8、gbk、gb18030、big5、shift_jis、euc-kr 或 windows-1251 等
raw-replaced = { $charset } 里没有“{ $lost }”，已用 ? 代替：请换一种对方能读的编码，或换个说法
raw-long = 这一行在 { $charset } 编码下有 { $bytes } 字节，没有发送：一个数据报最多 { $most } 字节，请分成几条发送
raw-usage-to = /to IP:端口
raw-usage-all = /all 文字 或 /all 端口 文字
raw-no-target = 还没有发送对象：请用“/to IP:端口”指定，或用“/all 文字”发给所有人
raw-nobody-to-answer = 还没有收到可以回复的内容：请用“/to IP:端口”指定发送对象
raw-help =
    文字             发给当前对象
    /to IP:端口      换一个发送对象
    /reply 文字      回复最近发来的人；不写文字则把对方设为发送对象
    /all 文字        在每个网络接口上广播；“/all 端口 文字”发到另一个端口
    /hex             显示收到的字节，或不再显示
    /encoding 名称   auto、utf-8、gbk、gb18030、big5、shift_jis、euc-kr、windows-1251 等
    /quit            退出
    /help            显示本列表
    //文字           发送以斜杠开头的一行
raw-with-bind = { $error }（用 --bind IP:端口）
raw-line-long = 有一行超过 { $bytes } 字节，已略过：一个数据报最多 { $most } 字节，请分成几条发送

## 各个命令

output-failed = 无法写到标准输出（{ $reason }）：请检查它被重定向到哪里
offline = 没有可用的网络：请连接网络后再运行
no-signals = 系统不让 lanchat 接收信号：请关闭一些程序后再试
no-thread = 系统无法再启动线程：请关闭一些程序后再试
who =
    名字  { $name }
    ID    { $id }
    身份  { $profile }
listen-some = { $count } 条消息只等到 { $heard } 条：请用 --timeout 多等一会儿
listen-skipped = 消息来得太多，有 { $count } 行没有运行命令
listen-none = 一直没有人说话：请用 --timeout 多等一会儿
peers-interrupted = 还没有人回应就被中断了：请再运行一次
peers-nobody = 房间 { $room } 里 { $timeout } 内没有人回应：请在同一网络的另一台机器上启动 lanchat，并让它的防火墙放行 UDP 端口 { $port }
peers-nobody-private = 房间 { $room } 里 { $timeout } 内没有人用这个暗号回应：请在同一网络的另一台机器上启动 lanchat，并让它的防火墙放行 UDP 端口 { $port }
send-one-room = 一句话只说在一个房间里：请用 --room 名称 指定一个
room-not-opened = 房间没能打开（{ $reason }）：请再试一次
lobby-is-open = 大厅（lobby）对所有人开放：请给私密房间另取一个名字
code-refused = { $cost }：请用“/room new”生成的暗号，或用 --weak-code 坚持使用
code-unknown = { $room } 是私密房间，这里不知道它的暗号：请用 --room-code-file 文件 给出
code-not-given = 没有暗号进不了 { $room }：请再运行一次并输入暗号
code-not-typed = 这里无法输入暗号（{ $reason }）：请用 --room-code-file 文件 给出
send-to-all-delivered = 只有悄悄话才有送达确认：请加上 --to 名称，或者去掉 --wait delivered
send-no-input = 无法读取标准输入
send-line-too-long = 第 { $number } 行太长：最多读取 { $bytes } 字节
send-unreadable = 读取中断：{ $reason }
send-lines-left = 有 { $count } 行没能在 { $timeout } 内送到
send-expired = 没有送达：请稍后再试
send-waits = { $to } 在 { $timeout } 内没有确认收到：它最多等待 7 天，直到你们都运行 lanchat
send-unheard = { $to } 在 { $timeout } 内没有确认收到：请稍后再试
send-unsaid = { $timeout } 内没能说出去：请稍后再试
send-not-here = { $timeout } 内没有等到 { $to }：请让对方启动 lanchat，或用 --timeout 多等一会儿
send-nobody-private = { $timeout } 内没有人用这个暗号回应：请让对方启动 lanchat，或用 --timeout 多等一会儿
send-nobody = { $timeout } 内没有人在这里：请让对方启动 lanchat，或用 --timeout 多等一会儿
send-interrupted = 还没说出去就被中断了：请再运行一次
send-interrupted-late = 还不知道结果就被中断了：请问问对方

## 诊断

doctor-begins = 正在 { $room } 房间、UDP 端口 { $port } 上查看，用时 { $time }
doctor-interrupted = 查看被中断了
doctor-healthy = 一切正常：另有 { $count } 人应答
doctor-nobody = UDP 端口 { $port } 上没有人应答，在本机也看不出问题
doctor-look-there = 在另一台机器上用相同的房间和端口启动 lanchat，也运行 lanchat doctor；它的地址应该在 { $own } 的网络里，否则就指名：lanchat --peer ADDRESS
doctor-problems = 有 { $count } 个问题
doctor-interface = { $name } 的地址是 { $addr }/{ $prefix }：广播发往 { $broadcast }，本机也收得到
doctor-down = { $name } 的地址是 { $addr }，但没有启用
doctor-two-only = { $name } 的地址是 { $addr }，但像 VPN 那样只通向一台机器：不用 --peer 就找不到那边的人
doctor-no-broadcast = { $name } 的地址是 { $addr }/{ $prefix }，这个网络没有广播地址：找不到那边的人
doctor-give-broadcast = 把 { $name } 的前缀长度设成和其他机器一样，多半是 24；Linux 上：sudo ip address add { $addr }/24 broadcast + dev { $name }
doctor-no-network = 本机没有 lanchat 可用的、带 IPv4 地址的网络：只能联系本机上的程序
doctor-connect = 插上网线或连上 Wi-Fi，再查一次；只有 IPv6 时 lanchat 联系不到任何人
doctor-cannot-send = { $name }（{ $addr }）发不出去：{ $reason }
doctor-let-out = 重新连接网络，或者在本机的防火墙里放行从 UDP 端口 { $first } 到 { $last } 发出的数据
doctor-own-lost = { $name }（{ $addr }）发出的广播没有回到本机：本机上有什么挡住了 UDP 端口 { $port }，多半是防火墙
doctor-open = 在本机的防火墙里放行 UDP 端口 { $first } 到 { $last }
doctor-open-there = 在 { $who } 那台机器上开放 UDP 端口 { $first } 到 { $last }：在那里运行 lanchat doctor 就会给出命令
doctor-mend-here = 先解决本机上的问题，再查一次
doctor-open-both = 在 { $who } 那台机器上运行 lanchat doctor：它会给出开放 UDP 端口 { $first } 到 { $last } 的命令
doctor-firewall-rule = 本机启用了 { $name }，可能挡住发到 UDP 端口 { $first } 到 { $last } 的数据：{ $rule }
doctor-firewall-guess = 本机启用了 { $name }；规则没有读到，是否挡住发到 UDP 端口 { $first } 到 { $last } 的数据只能猜测
doctor-firewall-unread = 不知道是哪条防火墙规则挡住的，命令只是猜测；这两条命令也许能看到更多：sudo lanchat doctor 和 sudo nft list ruleset
doctor-port-taken = UDP 端口 { $port } 被 { $who } 独占：lanchat 无法启动
doctor-port-shared = UDP 端口 { $port } 也由 { $who } 打开着，这没有问题：大家都收得到广播
doctor-program = { $name }（进程 { $pid }）
doctor-some-program = 系统不肯告知的某个程序
doctor-end-holder = 结束它，或者让房间里的人都用另一个 --port
doctor-find-holder = 用这条命令查出是哪个程序：{ $command }
doctor-dropped-once = { $who } 在 UDP 端口 { $port } 上曾有 { $count } 个数据报没来得及读
doctor-dropping = { $who } 在 UDP 端口 { $port } 上刚才有 { $count } 个数据报没来得及读
doctor-busy = 看看本机在忙什么，或者谁在大量发送
doctor-who = { $name }（{ $addr }）
doctor-somebody = { $addr } 上的某人
doctor-own-peer = { $who } 就在本机上
doctor-peer = { $who } 和本机互相听得到
doctor-peer-pinged = { $who } 和本机互相听得到：{ $sent } 次探测，收到 { $answered } 次应答
doctor-peer-heard = 听得到 { $who }，但问的次数太少，不知道对方是否听得到本机
doctor-no-answer = 听得到 { $who }，但对方什么都不应答：多半是对方的防火墙挡住了 UDP 端口 { $first } 到 { $last }
doctor-no-answer-at = { $addr } 没有人应答
doctor-not-heard-by-peer = { $who } 听不到本机的广播，单独发的却有应答：对方的 UDP 端口 { $port } 没有开放，或者被网络挡住了
doctor-unicast-blocked = { $who } 听得到本机的广播，却收不到单独发的：对方的 UDP 端口 { $first } 到 { $last } 里有没开放的
doctor-answers-blocked = { $who } 听得到本机，但对方主动发来的被挡住了：本机防火墙在 UDP 端口 { $first } 到 { $last } 上只放行应答
doctor-not-heard-here = { $who } 听得到本机，但对方发到 UDP 端口 { $port } 的广播到不了这里
doctor-filtered = { $who } 和本机之间有什么挡住了广播，有些无线接入点就是这样；解决之前可以用：lanchat --peer { $addr }
doctor-loss = 发给 { $who } 的探测丢失了 { $lost }%：去程约 { $there }%，回程约 { $back }%
doctor-loss-some = 发给 { $who } 的探测丢失了 { $lost }%
doctor-loss-remedy = lanchat 会慢慢补上；请靠近无线接入点，或者用网线，再查一次
doctor-clock = { $who } 启动时或更早，它的时钟曾比本机快 { $minutes } 分钟
doctor-set-clocks = 在时间不对的那台机器上，打开自动设置时间
doctor-other-subnet = 听得到 { $addr }，但它不在 { $own } 的网络里：它连在同一网线上，地址却属于另一个网络
doctor-same-subnet = 把两台机器连到同一个网络，并都自动获取地址（DHCP）；如果有路由器通向那边，可以互相指名：lanchat --peer { $addr }
doctor-other-room = 听得到 { $addr }，但它在另一个房间
doctor-same-room = 两边用相同的 --room 启动；如果是私密房间，还要用相同的暗号

## 输入暗号

code-prompt = { $room } 的暗号：
code-prompt-any = 暗号（进入公开的房间，或沿用以前的暗号，请直接按回车）：
code-prompt-again = { $error }；{ $prompt }
code-weak-question = { $cost }；输入 yes 仍然使用，按回车另换一个：

## 人与显示

output-slow = 输出没有及时读取，略去了 { $count } 行
events-left-out = 有 { $count } 个事件没有及时取走，已略去：请更频繁地等待下一个事件
person-unknown = 这里没有叫 { $wanted } 的人：/peers 列出在线的人
person-ambiguous = 有 { $count } 个人叫 { $wanted }：请用 ID 指明，{ $ids }
person-key-changed =
    { $count ->
       *[other] 没有给 { $wanted } 发悄悄话，因为有 { $count } 个密钥不同的人用了这个名字：请说明指的是谁，用 /trust { $contact }（你认识的人），或 { $others }
    }
person-blocked = { $label } 已被屏蔽：请先输入 /unblock { $label }

## 输入的命令

command-unknown = 没有命令 /{ $word }：/help 列出全部命令；要说以斜杠开头的话，请写两个斜杠
command-incomplete = 命令不完整：请输入 { $usage }
command-object = 这个 JSON 对象不是完整的命令（{ $reason }）：README 列出了全部命令及其字段
input-failed = 无法继续输入（{ $reason }）：请重新启动 lanchat
type-msg = /msg 名字 文字
type-raw = /raw IP:端口 文字
type-reply = /reply 名字 文字
type-edit = /edit 文字
type-delete = /delete
type-react = /react 名字 表情
type-verify = /verify 名字
type-trust = /trust 名字
type-block = /block 名字
type-unblock = /unblock 名字
type-name = /name 新名字
type-join = /join 房间
type-room = /room new 名称
help =
    文字              对大家说
    /msg 名字 文字    悄悄告诉一个人（名字、名字~abcd 或 ID；带空格的名字放在 "" 里）
    /reply 名字 文字  回复这个人的上一条消息；“/edit 文字”改写自己的上一条；/delete 请大家忘掉它
    /react 名字 :+1:  用表情或短词回应这个人的上一条消息；写 - 则收回
    /received         谁收到了你的上一条消息，谁还没有
    /peers            谁在线
    /away 说明        告诉大家你暂时离开，可以写明原因；/back 表示回来了
    /topic 文字       说明房间的话题；不写文字则查询；写 - 则取消
    /verify 名字      你和对方要念出来对照的词，用来确认没有人冒充
    /trust 名字       这个名字就指这把密钥；对照过词之后即为已核实
    /block 名字       不再看到也不再回应这个人；“/unblock 名字”取消
    /blocked          屏蔽了谁
    /name 新名字      换个名字
    /raw 地址 文字    以纯文本发给不用 lanchat 的程序，地址写作 IP:端口
    /join 房间        再进一个房间，会询问暗号（或“/join 房间 文件”，暗号在文件里）
    /room new 名称    新建私密房间并生成暗号，然后进入
    /rooms            你所在的房间；/part 离开当前房间，“/part 房间”离开另一个
    /quit             道别并退出
    /help             本列表
    //文字            说以斜杠开头的一行
line-long = 一条消息最多 { $most } 个 UTF-8 字节，这条超过 { $bytes } 个：请分成几条说
room-not-there = 你不在 { $room } 里：/rooms 会列出你所在的房间
room-not-said = 没有发出：你没能进入刚才要去的房间；请先用“/join 房间”进入一个房间，或回到你所在的房间
room-the-last = 你没有别的房间了：请先用“/join 房间”进入一个，或用 /quit 退出
room-not-remembered = 你上次在私密房间 { $room }，这里不知道它的暗号：/join { $room } 会询问暗号
rooms-enough = 同时最多进入 { $most } 个房间：请先用 /part 离开一个
code-not-shown = 新暗号只显示给正在输入的人：请指定一个文件，“/room new { $room } 文件”

## 房间里的情况

history-damaged = 聊天记录已损坏，只好重新开始，认识谁、屏蔽谁也要重来：读不出的内容在 { $file }
only-this-machine = 网络断了：恢复之前只能听到本机上的程序
no-network = 没有可用的网络：请连接网络，连上就会马上使用
key-in-use = { $addr } 上的另一个 lanchat 在用同一个身份的密钥：请关掉一个，或让它改用别的 --profile
not-stored = 无法写入聊天记录，所以你说的话发不出去：请腾出硬盘空间，或用 --ephemeral
not-kept = 无法写入聊天记录，所以别人说的话只显示、不保存：请腾出硬盘空间
not-remembered = 无法写入聊天记录，所以 lanchat 退出后会忘掉你现在认识或屏蔽了谁：请腾出硬盘空间后再说一次
forked = { $name } 在同一处说了两种不同的话，后面的不再显示：请让对方重新启动 lanchat
whispers-many = 发给 { $name } 的悄悄话还有太多没送到：请等一些送到之后再发
guests-port-taken = { $error }（用 --raw-port）；lanchat 自己用 { $port } 及其后最多 16 个端口
guests-left-out = 访客有 { $count } 条消息没有转述：他们发得太多，房间承受不了
alone-with-code = 没有人用这个暗号回应：别人的暗号不同，或者还没来
nobody-blocked-called = 被屏蔽的人里没有叫 { $wanted } 的：/blocked 列出屏蔽了谁
name-robbed = 另有一个人自称 { $name }：在你说明指的是谁之前，不会给这个名字发悄悄话，请用 /trust { $contact }（你认识的人），或 /trust { $other }
name-shared = { $name } 和你同名：以后用数字区分
name-of-contact = 你的名字和你认识的 { $name } 一样：用“/name 新名字”换一个
key-unknown = 还不知道这个人的密钥
line-of-nobody = { $name } 最近没有在这里说过话：请改用那条消息的 id
line-not-yours = 只有说话的人才能修改或删除自己的消息：/edit 和 /delete 不写 id 时，指的是你自己的最后一条
line-of-whisper = 这是一条悄悄话的 id，针对它说的话所有人都会看到：请用“/msg 名字 内容”再说一次悄悄话
line-own-none = 你最近没有在这里说过话：请写出那条消息的 id
line-not-here = 这里没有这个 id 的消息：请写出你在这个房间里说过的一条消息的 id
emoji-unknown = 没有叫 { $name } 的表情：请直接输入表情，或换一个代码，例如 :+1:
no-randomness = 系统没有给出随机数：请重新启动它
more-lines = ……还有 { $count } 行
file-system-open = 这个文件系统无法对别人隐藏文件

## 给人看的各行

line-late = {" "}（晚到）
line-earlier = {" "}（之前）
line-edited = {" "}（已修改）
line-deleted = {" "}（已被作者删除）
line-unknown = 以前的一条消息
line-gone = 一条已删除的消息
edited-line = { $name } 把 { $line } 改为
deleted-line = { $name } 删除了 { $line }（收到过的人可能还留着）
reacted = { $name } 对 { $line } 回应 { $with }
reactions-back = { $name } 收回了对 { $line } 的所有回应
names-more = { $names } 和另外 { $count } 人
received-nothing = 你最近没有在这里说过话
received-one = { $name } 已收到 { $line }
received-all = { $count } 人都已收到 { $line }
received-some = { $all } 人中有 { $some } 人已收到 { $line }；还没收到：{ $names }
topic-set = { $name } 设定了话题：{ $topic }
topic-taken = { $name } 取消了话题
topic-by = 话题（由 { $name } 设定）：{ $topic }
topic = 话题：{ $topic }
topic-none = 还没有话题：用“/topic 文字”设定
you-whisper = 你悄悄对 { $name } 说
whispers = { $name } 悄悄说
guest = 访客{" "}
alone = 还没有别人：请在同一网络的另一台机器上启动 lanchat，或在本机加上 --profile 名称
new-room-code = { $room } 的暗号只显示这一次：{ $code }
new-room-join = 请当面或打电话告诉要来的人：他们输入 /join { $room }，再输入暗号
here = 你是 { $name }，在 { $room }
here-private = 你是 { $name }，在 { $room }（私密）
rooms-listed = 输入的话说在有星号的房间里；“/join 房间”去另一个
room-open =
    { $others ->
        [0] { $room }：没有别人
       *[other] { $room }：另有 { $others } 人
    }
room-private =
    { $others ->
        [0] { $room }（私密）：没有别人
       *[other] { $room }（私密）：另有 { $others } 人
    }
room-left = 你离开了 { $room }
greeting = 直接输入就是对大家说，“/msg 名字 文字”是悄悄话，/help 列出更多命令，按 Ctrl-D 离开
delivery-queued = 已排队，等联系上对方就发
delivery-sent = 已发出
delivery-delivered = 已送达
delivery-expired = 已过期，没有送到
delivery = 给 { $name } 的悄悄话：{ $outcome }
sent-again = 你说的话又能发出去了
known-blocked = 已屏蔽
known-verified = 已核实
known-pinned = 已认定
known-away = 暂时离开
known-away-note = 暂时离开：{ $note }
line = { $time } { $says }：{ $text }
you-whisper-waiting = 你悄悄对 { $name } 说（等待送达）
you-whisper-expired = 你悄悄对 { $name } 说（已过期）
peer-joined = { $name } 来了（{ $ip }）
peer-left = { $name } 离开了
peer-gone = { $name } 失去了联系
peer-away-note = { $name } 暂时离开：{ $note }
peer-away = { $name } 暂时离开
peer-back = { $name } 回来了
you-away = 你已标为暂时离开
you-away-note = 你已标为暂时离开：{ $note }
you-back = 你回来了
peer-renamed = { $was } 改名为 { $name }
somebody = 有人
others-none = 没有别人在线
others =
    { $count ->
       *[other] 另有 { $count } 人在线
    }
earlier = 以下是 { $room } 里以前的消息
now = 以下是 { $room } 里现在的消息
more-earlier-kept =
    { $count ->
       *[other] 收到 { $number } 条之前的消息：lanchat history 可查看全部
    }
more-earlier =
    { $count ->
       *[other] 收到 { $number } 条之前的消息，lanchat 没有显示
    }
gap-over = { $name } 的消息都收到了
gap =
    { $count ->
       *[other] { $name } 有 { $number } 条消息还没收到
    }
contact-pinned = 名字 { $name } 从现在起就指 { $who }；/verify { $who } 可确认是不是本人
contact-verified = { $who } 已核实
contact-unpinned = 名字 { $name } 不再指 { $who }
contact-blocked = { $who } 已被屏蔽：在 /unblock { $who } 之前，不显示也不回应对方的任何内容
contact-unblocked = { $who } 不再被屏蔽：对方以后说的话会显示出来
verify-compare = 请和 { $who } 念出来对照这些词，不要在这个聊天里对照；对方用 /verify 加你的名字就能看到：
verify-then = 如果全都一样，用 /trust { $who } 记下；如果不一样，就是有人在中间冒充
key-changed =
    警告：现在另有一个人叫 { $name }，密钥与你认识的 { $contact } 不同。
    可能是同一个人换了机器，也可能是有人想冒充。
    请直接问本人，不要在这个聊天里问；/verify { $other } 给出可对照的词。
    在你说明指的是谁之前，不会给这个名字发悄悄话：
    {"  "} /trust { $contact }   你认识的那个人；另一个仍叫 { $other }
    {"  "} /trust { $other }   从现在起指新来的人
blocked-nobody = 没有屏蔽任何人
blocked-list = 以下的人被屏蔽，直到“/unblock 名字”：
day = { $date } { $weekday }
monday = 星期一
tuesday = 星期二
wednesday = 星期三
thursday = 星期四
friday = 星期五
saturday = 星期六
sunday = 星期日
raw-auto = UTF-8，否则 { $fallback }
raw-target = 输入的内容发给 { $to }
raw-target-none = 还没有发送对象，用“/to IP:端口”指定
raw-status = 在 { $bind } 收发纯文本，编码 { $encoding }；{ $target }
raw-status-hex = 在 { $bind } 收发纯文本，编码 { $encoding }；{ $target }；显示字节
raw-to = 发给 { $to }
raw-empty = { $time } { $peer } 发来一个空数据报
raw-sent-empty = { $time } { $peer } 一个空数据报
not-verified = 未核实
not-all-decoded = 有些内容不是 { $encoding }
remarks = {" "}（{ $remarks }）
raw-more-bytes = ……还有 { $count } 字节，--json 可显示全部

## Calls for whoever looks elsewhere

notice-whisper = { $who } 的悄悄话
notice-mention = { $who } 在 { $room } 提到你

## 全屏界面

tui-starting = lanchat 正在启动
tui-no-screen = 终端无法绘制（{ $reason }）：请用 --plain 运行
tui-new = 新消息
tui-day =
    { $date } { $weekday ->
        [1] 星期一
        [2] 星期二
        [3] 星期三
        [4] 星期四
        [5] 星期五
        [6] 星期六
       *[other] 星期日
    }
tui-gap = ⋯ { $who } 有 { $count } 行还没到
tui-joined =
    { $others ->
        [0] -- { $names } 来了
       *[other] -- { $names } 和另外 { $others } 人来了
    }
tui-left =
    { $others ->
        [0] -- { $names } 走了
       *[other] -- { $names } 和另外 { $others } 人走了
    }
tui-gone =
    { $others ->
        [0] -- { $names } 没有动静了
       *[other] -- { $names } 和另外 { $others } 人没有动静了
    }
tui-went-away =
    { $others ->
        [0] -- 离开一会儿：{ $names }
       *[other] -- 离开一会儿：{ $names } 和另外 { $others } 人
    }
tui-is-back =
    { $others ->
        [0] -- 回来了：{ $names }
       *[other] -- 回来了：{ $names } 和另外 { $others } 人
    }
tui-earlier-line = 更早的一行
tui-deleted = 已被作者删除
tui-edited = （已编辑）
tui-late = （迟到）
tui-queued = （等对方上线）
tui-sent = （在路上）
tui-delivered = ✓
tui-expired = （没有送到）
tui-private = （私密）
tui-with = { $who }，在 { $room }
tui-people = { $count } 人在线
tui-you = ● { $name }（你）
tui-others = 另有 { $count } 人
tui-below =
    { $count ->
        [0] ↓ 下面还有：按 Esc 过去
       *[other] ↓ 下面有 { $count } 行新消息：按 Esc 过去
    }
tui-more-rows = … 还有 { $count } 行，选中可全部显示
tui-types = { $who } 正在输入…
tui-two-type = { $one } 和 { $two } 正在输入…
tui-many-type = { $count } 人正在输入…
tui-code = 请输入 { $room } 的暗号，屏幕上看不到；公开房间或用过的暗号留空。
tui-hint-code = 回车进入，没有暗语就直接回车 · Esc 返回
tui-weak-code = { $cost }；输入“是”照样使用，按回车另输一个
tui-yes = 是 yes y
tui-new-code = { $room } 的暗号只显示这一次：
tui-new-code-then = 请当面或打电话告诉该来的人：他们输入 /join { $room }，再输入暗号。
tui-hint-keys = ? 帮助 · Tab 下一个会话 · Esc 选一行 · PgUp 往回看 · Ctrl-F 查找
tui-hint-few-keys = ? 按键 · Ctrl-T 列表 · Esc 选择
tui-hint-typing = 回车发送 · Tab 补全 · Alt-回车换行 · Ctrl-C 清空
tui-hint-select = ↑↓ · r 回复 · x 回应 · e 编辑 · d 删除 · / 查找 · Esc 返回
tui-hint-others = ↑↓ · r 回复 · x 回应 · / 查找 · Esc 返回
tui-hint-whispers = ↑↓ · / 查找 · Esc 返回
tui-only-whispered = 悄悄话不能逐条回复、编辑、删除或回应
tui-not-yours = 只有说这句话的人才能编辑或删除
tui-hint-all-have = 在线的人都收到了
tui-hint-missing = 还不知道是否收到：{ $names }
tui-hint-search = 回车或 ↑ 更早 · ↓ 更晚 · Esc 完成
tui-hint-searching = 继续往前找…
tui-hint-not-found = 前面没有了
tui-hint-help = ↑↓ PgUp PgDn · 其他键关闭
tui-part-which = 这里是和一个人的私聊；/part 房间名 离开房间
tui-hint-new-room = 请记下来；按回车关闭
tui-hint-leaving = 再按一次 Ctrl-C 退出
tui-hint-reply = 回复 { $line }
tui-hint-edit = 改成新的说法；按 Esc 保持原样
tui-hint-react = 用表情、短码或一个词回应，- 收回自己的：{ $line }
tui-hint-delete = 请大家忘掉这一行（别人可以不照办）？回车 是 · Esc 否 · { $line }
tui-not-sent = 没有发出：磁盘写不进去
tui-not-kept = 没有保存：磁盘写不进去
tui-only-this-machine = 离线：只有本机
tui-offline = 离线：没有网络
tui-repairing = 缺 { $count } 行，正在补
tui-members =
    { $count ->
        [1] 只有你在
       *[other] { $count } 人在线
    }
tui-you-are-away = 你已离开
tui-lost = 本机有 { $count } 个包没发出
tui-loss = { $percent }% 路上丢失后补到
tui-all-here = 一行不缺
tui-ephemeral = 什么都不保存
tui-help =
    输入一行，按回车就是对大家说。别的不用先知道。

    回车             发送；Alt-回车或 Ctrl-J 换行；粘贴的内容算一条消息
    Tab              补全名字、命令、房间或 :tada: 这样的表情短码；再按换下一个
    ↑ ↓              以前输入过的
    Tab、Ctrl-N/P    没有输入时：下一个会话；Alt-1 到 Alt-9 选一个
    Ctrl-G           去有人叫你或有新消息的地方
    PgUp PgDn        在会话里前后翻；按 Esc 回到末尾
    Esc              选一行：r 回复，x 回应，e 编辑，d 加回车删除；下面显示谁有它
    Ctrl-F           查找；回车继续往前找
    Ctrl-T           显示或隐藏房间和成员列表
    Ctrl-A E W U K Y  行首、行尾、剪一个词、剪前面、剪后面、放回；Ctrl-_ 撤销
    Ctrl-C           清空；连按两次退出，Ctrl-D 也退出
    Ctrl-Z           挂起，fg 继续；Ctrl-L 重画

    @N 是叫你的行数。2/3：另外三人中有两人收到了你那一行。
    ○ 表示离开，✓ 表示已核对身份。
