# lanchat 的简体中文文本。消息与参数须同 en.ftl 一致，写法见 CONTRIBUTING.md。

## 语言

language-unknown = 没有“{ $given }”这种语言：请写 en 或 zh-CN

## 设置

settings-lang = --lang 无法使用：{ $error }

## 命令行帮助

about-lanchat = 局域网聊天室：不用服务器，不用账号，不用设置
about-peers = 列出在线的人
about-send = 对大家说一句话，或悄悄告诉一个人，然后退出
about-listen = 显示别人说的话，自己不出声
about-history = 显示本机保存的聊天记录
about-raw = 用纯文本 UDP 与 netcat、网络调试助手、脚本和设备通信
about-id = 显示自己的名字、ID 和身份

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
help-variable = （环境变量：{ $name }）
help-default =（默认：{ $value }）
help-choices = （可选：{ $names }）
help-choice = （{ $name }：{ $help }）

option-room = 要进入的房间（默认：lobby）
option-private = 这是私密房间：需要输入暗号，除非这个身份以前进过
option-room-code-file = 这是私密房间，暗号在这个文件里
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
option-config = 用这个配置文件代替通常的那个
option-lang = 语言：en 或 zh-CN（默认：随系统区域设置）
option-verbose = 在标准错误输出上报告运行情况；重复给出则更详细

of-peers-timeout = 查找多久，例如 500ms 或 3s
of-send-to = 只悄悄告诉这个人：名字、名字~abcd 或 ID
of-send-wait = 何时退出：发出之后，还是对方收到之后
choice-wait-sent = 已经发到网络上
choice-wait-delivered = 对方已确认收到
of-send-timeout = 最多尝试多久，例如 500ms 或 1m
of-send-text = 要说的话；多个词之间以空格相连
of-listen-count = 收到这么多条消息和悄悄话后退出
of-listen-past = 以前说过的话，得知后也显示出来
of-listen-timeout = 收听多久，例如 30s 或 5m；不写则一直收听
of-history-search = 只显示含有这段文字的内容，不分大小写
of-history-with = 只显示与这个人之间的悄悄话：名字、名字~abcd 或 ID
of-history-limit = 只显示最新的这么多条消息和悄悄话；0 表示全部
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
examples-listen =
    示例：
      lanchat listen --json --count 1 --timeout 1m
examples-history =
    示例：
      lanchat history --search 吃饭
      lanchat history --limit 0 --json >lobby.jsonl   导出全部记录
examples-raw =
    示例：
      lanchat raw --encoding gbk --to 198.18.0.2:8899   与使用 GBK 的脚本对话
      lanchat raw --to 198.18.0.2:9999 "你好"           发送一个数据报就退出
examples-id =
    示例：
      lanchat id --profile bob

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
list-comma = 、

duration-wrong = 请写成 500ms、3s 或 2m 这样，最长一年
number-empty = 请写一个整数
number-digit = 请写一个整数
number-large = 这个数太大了
number-small = 这个数太小了
number-port = { $given } 不是端口号，请写 1 到 65535 之间的数
number-count = { $given } 太小了，请写 1 以上的数
